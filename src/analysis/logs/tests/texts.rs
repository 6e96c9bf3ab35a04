//! What Terraform 1.11.4 printed or logged where the trouble was made for it:
//! by itself, or by a service that gave the answer. What a provider alone would
//! say is put together of its own words and those of Terraform around them.

pub const ABSENT: &str = "\nError: No valid credential sources found\n\nPlease see https://developer.hashicorp.com/terraform/language/backend/s3\nfor more information about providing credentials.\n\nError: failed to refresh cached credentials, no EC2 IMDS role found,\noperation error ec2imds: GetMetadata, access disabled to EC2 IMDS via client\noption, or \"AWS_EC2_METADATA_DISABLED\" environment variable\n\n";

pub const PROFILE: &str = "\nError: failed to get shared config profile, zzz\n\n";

pub const KEY: &str = "\nError: validating provider credentials: retrieving caller identity from STS: operation error STS: GetCallerIdentity, https response error StatusCode: 403, RequestID: 0c2bd3a1-5a5c-4a3b-9d39-4a36c9d9c3f1, api error InvalidClientTokenId: The security token included in the request is invalid.\n\n";

pub const SIGNATURE: &str = "\nError: validating provider credentials: retrieving caller identity from STS: operation error STS: GetCallerIdentity, https response error StatusCode: 403, RequestID: 0c2bd3a1-5a5c-4a3b-9d39-4a36c9d9c3f1, api error SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.\n\n";

pub const CLOCK: &str = "\nError: Failed to get existing workspaces: Unable to list objects in S3 bucket \"acme-tfstate\" with prefix \"env:/\": operation error S3: ListObjectsV2, exceeded maximum number of attempts, 2, Probable clock skew error: https response error StatusCode: 403, RequestID: REQ, HostID: HOST, api error RequestTimeTooSkewed: The difference between the request time and the current time is too large.\n\n";

pub const ACCOUNT: &str =
    "\nError: Invalid account ID\n\nAWS account ID not allowed: 123456789012\n";

pub const REGION_MISSING: &str = "\nError: Missing region value\n\n  on main.tf line 2, in terraform:\n   2:   backend \"s3\" {\n\nThe \"region\" attribute or the \"AWS_REGION\" or \"AWS_DEFAULT_REGION\"\nenvironment variables must be set.\n";

pub const REGION: &str = "\nError: Invalid region value\n\n  on main.tf line 10, in terraform:\n  10:     region = \"mars-1\"\n\nInvalid AWS Region: mars-1\n";

/// S3 says no more of a denied HEAD.
pub const FORBIDDEN: &str = "\nError: Error refreshing state: Unable to access object \"net/terraform.tfstate\" in S3 bucket \"acme-tfstate\": operation error S3: HeadObject, https response error StatusCode: 403, RequestID: REQ, HostID: HOST, api error Forbidden: Forbidden\n\n";

/// The listing of workspaces is denied and gone on without.
pub const WORKSPACES: &str = "2026-11-23T08:34:15.432Z [DEBUG] backend-s3: request failed with unretryable error https response error StatusCode: 403, RequestID: REQ, HostID: HOST, api error AccessDenied: Access Denied: aws.region=eu-west-1 aws.s3.bucket=acme-tfstate rpc.method=ListObjectsV2 rpc.service=S3 rpc.system=aws-api tf_aws.sdk=aws-sdk-go-v2 tf_backend.operation=Workspaces tf_backend.req_id=d820a76b-6a05-3e2d-d68b-55bb887e647b tf_backend.s3.bucket=acme-tfstate tf_backend.workspace-prefix=env:/\n2026-11-23T08:34:15.432Z [WARN]  backend-s3: Unable to list non-default workspaces: tf_backend.operation=Workspaces tf_backend.req_id=d820a76b-6a05-3e2d-d68b-55bb887e647b tf_backend.s3.bucket=acme-tfstate tf_backend.workspace-prefix=env:/ err=\"operation error S3: ListObjectsV2, https response error StatusCode: 403, RequestID: REQ, HostID: HOST, api error AccessDenied: Access Denied\"\n";

pub const ROLE: &str = "\nError: Cannot assume IAM Role\n\nIAM Role (arn:aws:iam::123456789012:role/deploy) cannot be assumed.\n\nThere are a number of possible causes of this - the most common are:\n  * The credentials used in order to assume the role are invalid\n  * The credentials do not have appropriate permission to assume the role\n  * The role ARN is not valid\n\nError: operation error STS: AssumeRole, https response error StatusCode: 403,\nRequestID: 0c2bd3a1-5a5c-4a3b-9d39-4a36c9d9c3f1, api error AccessDenied:\nUser: arn:aws:iam::123456789012:user/u is not authorized to perform:\nsts:AssumeRole on resource: arn:aws:iam::123456789012:role/deploy\n\n";

pub const BUCKET: &str = "\nError: Failed to get existing workspaces: S3 bucket \"nobucket\" does not exist.\n\nThe referenced S3 bucket must have been previously created. If the S3 bucket\nwas created within the last minute, please wait for a minute or two and try\nagain.\n\nError: operation error S3: ListObjectsV2, https response error StatusCode: 404, RequestID: REQ, HostID: HOST, NoSuchBucket: \n\n\n";

pub const OTHER_REGION: &str = "\nError: Failed to get existing workspaces: Unable to list objects in S3 bucket \"acme-tfstate\" with prefix \"env:/\": operation error S3: ListObjectsV2, https response error StatusCode: 301, RequestID: REQ, HostID: HOST, requested bucket from \"eu-west-1\", actual location \"us-east-1\"\n\n";

pub const TABLE: &str = "\nError: Error acquiring the state lock\n\nError message: operation error DynamoDB: PutItem, https response error\nStatusCode: 400, RequestID: , ResourceNotFoundException: Requested resource\nnot found\nUnable to retrieve item from DynamoDB table \"nolocks\": operation error\nDynamoDB: GetItem, https response error StatusCode: 400, RequestID: ,\nResourceNotFoundException: Requested resource not found\n\nTerraform acquires a state lock to protect the state from being written\nby multiple users at the same time. Please resolve the issue above and try\nagain. For most commands, you can disable locking with the \"-lock=false\"\nflag, but this is not recommended.\n";

pub const SLOW_DOWN: &str = "\nError: Failed to get existing workspaces: Unable to list objects in S3 bucket \"acme-tfstate\" with prefix \"env:/\": operation error S3: ListObjectsV2, exceeded maximum number of attempts, 5, https response error StatusCode: 503, RequestID: REQ, HostID: HOST, api error SlowDown: Please reduce your request rate.\n\n";

/// The lock's own throughput was used up: nobody holds it.
pub const TABLE_THROTTLED: &str = "Acquiring state lock. This may take a few moments...\n\nError: Error acquiring the state lock\n\nError message: operation error DynamoDB: PutItem, exceeded maximum number of\nattempts, 2, https response error StatusCode: 400, RequestID: ,\nProvisionedThroughputExceededException: The level of configured provisioned\nthroughput for the table was exceeded.\nUnable to retrieve item from DynamoDB table \"tf-locks\": operation error\nDynamoDB: GetItem, exceeded maximum number of attempts, 2, https response\nerror StatusCode: 400, RequestID: , ProvisionedThroughputExceededException:\nThe level of configured provisioned throughput for the table was exceeded.\n\nTerraform acquires a state lock to protect the state from being written\nby multiple users at the same time. Please resolve the issue above and try\nagain. For most commands, you can disable locking with the \"-lock=false\"\nflag, but this is not recommended.\n";

pub const UNREACHABLE: &str = "\nError: validating provider credentials: retrieving caller identity from STS: operation error STS: GetCallerIdentity, exceeded maximum number of attempts, 2, https response error StatusCode: 0, RequestID: , request send failed, Post \"http://127.0.0.1:1/\": dial tcp 127.0.0.1:1: connect: connection refused\n\n";

pub const HELD: &str = "\nError: Error acquiring the state lock\n\nError message: resource temporarily unavailable\nLock Info:\n  ID:        5a445732-469e-7b47-5e40-68016995163b\n  Path:      terraform.tfstate\n  Operation: OperationTypeApply\n  Who:       oncall@laptop\n  Version:   1.11.4\n  Created:   2026-11-23 08:23:45.827617206 +0000 UTC\n  Info:      \n\n\nTerraform acquires a state lock to protect the state from being written\nby multiple users at the same time. Please resolve the issue above and try\nagain. For most commands, you can disable locking with the \"-lock=false\"\nflag, but this is not recommended.\n";

pub const MANAGED: &str = "terraform_data.a: Importing from ID \"x\"...\nterraform_data.a: Import prepared!\n  Prepared terraform_data for import\n\nError: Resource already managed by Terraform\n\nTerraform is already managing a remote object for terraform_data.a. To import\nto this address you must first remove the existing object from the state.\n\n";

pub const TWICE_IN_STATE: &str = "\nError: Error acquiring the state lock\n\nError message: Duplicate resource instance in state: Instance\nterraform_data.a appears multiple times in the state file.\n\nTerraform acquires a state lock to protect the state from being written\nby multiple users at the same time. Please resolve the issue above and try\nagain. For most commands, you can disable locking with the \"-lock=false\"\nflag, but this is not recommended.\n";

pub const NEWER_FORMAT: &str = "\nError: Error acquiring the state lock\n\nError message: Unsupported state file format: The state file uses format\nversion 5, which is not supported by Terraform 1.11.4. This state file may\nhave been created by a newer version of Terraform.\n\nTerraform acquires a state lock to protect the state from being written\nby multiple users at the same time. Please resolve the issue above and try\nagain. For most commands, you can disable locking with the \"-lock=false\"\nflag, but this is not recommended.\n";

pub const BLOCK_CHANGED: &str = "\nError: Backend initialization required: please run \"terraform init\"\n\nReason: Backend configuration block has changed\n\nThe \"backend\" is the interface that Terraform uses to store state,\nperform operations, etc. If this message is showing up, it means that the\nTerraform configuration you're using is using a custom configuration for\nthe Terraform backend.\n\nChanges to backend configurations require reinitialization.\n";

pub const NOT_SELECTED: &str = "\nError: Inconsistent dependency lock file\n\nThe following dependency selections recorded in the lock file are\ninconsistent with the current configuration:\n  - provider example.invalid/acme/brittle: required by this configuration but no version is selected\n\nTo make the initial dependency selections that will initialize the dependency\nlock file, run:\n  terraform init\n";

pub const NO_REGISTRY: &str = "Initializing the backend...\nInitializing provider plugins...\n- Finding latest version of example.invalid/acme/brittle...\n\nError: Failed to query available provider packages\n\nCould not retrieve the list of available versions for provider\nexample.invalid/acme/brittle: could not connect to example.invalid: failed to\nrequest discovery document: Get\n\"https://example.invalid/.well-known/terraform.json\": dial tcp: lookup\nexample.invalid on 127.0.0.53:53: no such host\n\nTo see which modules are currently depending on example.invalid/acme/brittle\nand what versions are specified, run the following command:\n    terraform providers\n";

pub const NO_RELEASE: &str = "\nError: Failed to query available provider packages\n\nCould not retrieve the list of available versions for provider\nexample.com/acme/nope: no available releases match the given constraints\n";

pub const NOT_CACHED: &str = "\nError: Required plugins are not installed\n\nThe installed provider plugins are not consistent with the packages selected\nin the dependency lock file:\n  - example.com/acme/brittle: there is no package for example.com/acme/brittle 1.2.3 cached in .terraform/providers\n";

pub const CHECKSUM: &str = "\nError: Required plugins are not installed\n\nThe installed provider plugins are not consistent with the packages selected\nin the dependency lock file:\n  - example.com/acme/brittle: the cached package for example.com/acme/brittle 1.2.3 (in .terraform/providers) does not match any of the checksums recorded in the dependency lock file\n";

pub const UNSAVED: &str = "\nError: Failed to save state\n\nError saving state: failed to upload state: operation error S3: PutObject, https response error StatusCode: 500, RequestID: REQ, HostID: HOST, api error InternalError: We encountered an internal error. Please try again.\n\nError: Failed to persist state to backend\n\nThe error shown above has prevented Terraform from writing the updated state\nto the configured backend. To allow for recovery, the state has been written\nto the file \"errored.tfstate\" in the current working directory.\n";

pub const DEPRECATED: &str = "\nWarning: Deprecated Parameter\n\n  on main.tf line 3, in terraform:\n   3:   backend \"s3\" {\n\nThe parameter \"dynamodb_table\" is deprecated. Use parameter \"use_lockfile\"\ninstead.\n";

/// What a user's own words say of a healthy run.
pub const CHECK_FAILED: &str = "\nWarning: Check block assertion failed\n\n  on main.tf line 4, in check \"c\":\n   4:     condition = terraform_data.a.id == \"x\"\n    ├────────────────\n    │ terraform_data.a.id is \"8996f3b4-f27c-f70f-28e2-ed7e907b76a1\"\n\nThe lock is stale; Error acquiring the state lock; Throttling; this is\ndeprecated\n\nApply complete! Resources: 1 added, 0 changed, 0 destroyed.\n";

pub const PRECONDITION: &str = "\nPlanning failed. Terraform encountered an error while generating this plan.\n\n\nError: Resource precondition failed\n\n  on main.tf line 5, in resource \"terraform_data\" \"a\":\n   5:       condition = var.x == 2\n    ├────────────────\n    │ var.x is 1\n\nAccessDenied: Saved plan is stale, Rate exceeded, NoSuchBucket, ExpiredToken\n";

/// A user's own command, and what it printed, in the frame of a terminal.
pub const PROVISIONER: &str = "terraform_data.a: Creating...\nterraform_data.a (local-exec): Error: Saved plan is stale\nterraform_data.a (local-exec): Error: operation canceled\n╷\n│ Error: local-exec provisioner error\n│ \n│   with terraform_data.a,\n│   on main.tf line 2, in resource \"terraform_data\" \"a\":\n│    2:   provisioner \"local-exec\" { command = \"./deploy\" }\n│ \n│ Error running command './deploy': exit status 3. Output:\n│ Error: Saved plan is stale\n│ Error: operation canceled\n│ \n╵\n";

/// A plan that was only shown, with the colors of a terminal.
pub const SHOWN_PLAN: &str = "\u{1b}[0m\u{1b}[1mterraform_data.b: Refreshing state... [id=888fc8ef-bfff-5b95-8078-60ccabb623f6]\u{1b}[0m\n\nTerraform used the selected providers to generate the following execution\nplan. Resource actions are indicated with the following symbols:\n  \u{1b}[32m+\u{1b}[0m create\u{1b}[0m\n\nTerraform will perform the following actions:\n\n\u{1b}[1m  # terraform_data.a\u{1b}[0m will be created\n\u{1b}[0m  \u{1b}[32m+\u{1b}[0m\u{1b}[0m resource \"terraform_data\" \"a\" {\n      \u{1b}[32m+\u{1b}[0m\u{1b}[0m id = (known after apply)\n    }\n\n\u{1b}[1mPlan:\u{1b}[0m 1 to add, 0 to change, 0 to destroy.\n";

/// The same as events.
pub const PLAN_EVENTS: &str = concat!(
    r#"{"@level":"info","@message":"Terraform 1.11.4","@module":"terraform.ui","@timestamp":"2026-11-23T08:23:52.034257Z","terraform":"1.11.4","type":"version","ui":"1.2"}"#,
    "\n",
    r#"{"@level":"info","@message":"terraform_data.a: Plan to create","@module":"terraform.ui","@timestamp":"2026-11-23T08:23:52.047937Z","change":{"resource":{"addr":"terraform_data.a","module":"","resource":"terraform_data.a","implied_provider":"terraform","resource_type":"terraform_data","resource_name":"a","resource_key":null},"action":"create"},"type":"planned_change"}"#,
    "\n",
    r#"{"@level":"info","@message":"Plan: 1 to add, 0 to change, 0 to destroy.","@module":"terraform.ui","@timestamp":"2026-11-23T08:23:52.048050Z","changes":{"add":1,"change":0,"import":0,"remove":0,"operation":"plan"},"type":"change_summary"}"#,
    "\n",
);

pub const QUOTA: &str = "\nError: creating EC2 VPC: operation error EC2: CreateVpc, https response error StatusCode: 400, RequestID: REQ, api error VpcLimitExceeded: The maximum number of VPCs has been reached.\n\n  with aws_vpc.main,\n  on main.tf line 3, in resource \"aws_vpc\" \"main\":\n   3: resource \"aws_vpc\" \"main\" {\n\n";

pub const TIMEOUT: &str = "\nError: waiting for EC2 Instance (i-1) create: timeout while waiting for state to become 'running' (last state: 'pending', timeout: 20m0s)\n\n  with aws_instance.web,\n  on main.tf line 3, in resource \"aws_instance\" \"web\":\n   3: resource \"aws_instance\" \"web\" {\n\n";

pub const EXISTS: &str = "\nError: creating IAM Role (app): operation error IAM: CreateRole, https response error StatusCode: 409, RequestID: REQ, EntityAlreadyExists: Role with name app already exists.\n\n  with aws_iam_role.app[\"x\"],\n  on main.tf line 3, in resource \"aws_iam_role\" \"app\":\n   3: resource \"aws_iam_role\" \"app\" {\n\n";

pub const INCONSISTENT: &str = "\nError: Provider produced inconsistent result after apply\n\nWhen applying changes to aws_x.y, provider\n\"provider[\\\"registry.terraform.io/hashicorp/aws\\\"]\" produced an unexpected new\nvalue: Root object was present, but now absent.\n\nThis is a bug in the provider, which should be reported in the provider's own\nissue tracker.\n";

pub const DENIED_ROLE: &str = "\nError: creating IAM Role (app): operation error IAM: CreateRole, https response error StatusCode: 403, RequestID: REQ, api error AccessDenied: User: arn:aws:sts::123456789012:assumed-role/ci/job is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::123456789012:role/app because no identity-based policy allows the iam:CreateRole action\n\n  with aws_iam_role.app,\n  on main.tf line 3, in resource \"aws_iam_role\" \"app\":\n   3: resource \"aws_iam_role\" \"app\" {\n\n";
