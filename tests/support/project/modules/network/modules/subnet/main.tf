variable "vpc" {
  type = string
}

resource "terraform_data" "route" {
  for_each = toset(["public", "private"])
  input    = "${each.key} of ${var.vpc}"
}
