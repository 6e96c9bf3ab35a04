# About forty resources of the built-in provider, with the addresses that trip readers:
# counts, keys that need quoting, modules within modules, sensitive values.

variable "release" {
  type    = string
  default = "one"
}

# Set to hold an apply open, so that a test can kill it.
variable "hold" {
  type    = bool
  default = false
}

variable "password" {
  type      = string
  default   = "correct horse"
  sensitive = true
}

locals {
  awkward = {
    "plain"       = 1
    "two words"   = 2
    "a/b"         = 3
    "q\"uote"     = 4
    "back\\slash" = 5
    "line\nbreak" = 6
    "tab\there"   = 7
    "$${dollar}"  = 8
    "%%{percent}" = 9
    "Zürich"      = 10
    "雪"           = 11
    "[0]"         = 12
    "dot.ted"     = 13
    ""            = 14
  }
}

resource "terraform_data" "single" {
  input = { release = var.release, big = 12345678901234567890, html = "<a href=\"x\">&</a>" }
}

resource "terraform_data" "counted" {
  count = 14
  input = "number ${count.index}"
}

resource "terraform_data" "keyed" {
  for_each = local.awkward
  input    = each.value
}

resource "terraform_data" "secret" {
  input = { user = "admin", password = var.password }
}

resource "terraform_data" "hold" {
  count = var.hold ? 1 : 0

  provisioner "local-exec" {
    command = "echo holding; exec sleep 600"
  }
}

module "network" {
  source   = "./modules/network"
  for_each = toset(["eu west", "us"])
  region   = each.key
}

output "release" {
  value = terraform_data.single.output.release
}

output "password" {
  value     = var.password
  sensitive = true
}
