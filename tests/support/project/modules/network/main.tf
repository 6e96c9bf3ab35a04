variable "region" {
  type = string
}

resource "terraform_data" "vpc" {
  input = var.region
}

module "subnet" {
  source = "./modules/subnet"
  count  = 2
  vpc    = terraform_data.vpc.id
}
