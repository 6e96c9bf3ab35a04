//! How the services that scenarios call speak: their host, and the shape of
//! their requests and answers.

/// How a service's requests and answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// A form with an action, answered in XML of this namespace and version.
    Query {
        namespace: &'static str,
        version: &'static str,
    },
    Json,
    /// A plain HTTP request without a body.
    Rest,
}

/// A service as the provider's log names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    pub name: &'static str,
    /// The first part of its host, and its name in a signature.
    pub host: &'static str,
    pub protocol: Protocol,
}

/// What a provider calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub service: Service,
    pub method: String,
}

impl Call {
    /// Reads a call as the catalog writes it: `EC2/DescribeInstances`.
    pub fn read(text: &str) -> Option<Self> {
        let (service, method) = text.split_once('/')?;
        Some(Self {
            service: Service::named(service)?,
            method: method.to_owned(),
        })
    }

    /// The call that makes the change whose reading this is: `ModifyInstance` of `DescribeInstances`.
    pub fn changing(&self, action: &str) -> Self {
        let verb = match action {
            "Create" => "Create",
            "Delete" => "Delete",
            _ => "Modify",
        };
        let reads = ["Describe", "Get", "List", "Head"];
        let noun = reads.iter().find_map(|read| self.method.strip_prefix(read));
        let noun = noun.unwrap_or(&self.method).trim_end_matches('s');
        Self {
            service: self.service,
            method: format!("{verb}{noun}"),
        }
    }
}

const fn query(
    name: &'static str,
    host: &'static str,
    namespace: &'static str,
    version: &'static str,
) -> Service {
    Service {
        name,
        host,
        protocol: Protocol::Query { namespace, version },
    }
}

const fn of(name: &'static str, host: &'static str, protocol: Protocol) -> Service {
    Service {
        name,
        host,
        protocol,
    }
}

const SERVICES: [Service; 13] = [
    query(
        "EC2",
        "ec2",
        "http://ec2.amazonaws.com/doc/2016-11-15/",
        "2016-11-15",
    ),
    query(
        "Elastic Load Balancing v2",
        "elasticloadbalancing",
        "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
        "2015-12-01",
    ),
    query(
        "RDS",
        "rds",
        "http://rds.amazonaws.com/doc/2014-10-31/",
        "2014-10-31",
    ),
    query(
        "ElastiCache",
        "elasticache",
        "http://elasticache.amazonaws.com/doc/2015-02-02/",
        "2015-02-02",
    ),
    query(
        "Auto Scaling",
        "autoscaling",
        "http://autoscaling.amazonaws.com/doc/2011-01-01/",
        "2011-01-01",
    ),
    query(
        "CloudWatch",
        "monitoring",
        "http://monitoring.amazonaws.com/doc/2010-08-01/",
        "2010-08-01",
    ),
    query(
        "IAM",
        "iam",
        "https://iam.amazonaws.com/doc/2010-05-08/",
        "2010-05-08",
    ),
    query(
        "STS",
        "sts",
        "https://sts.amazonaws.com/doc/2011-06-15/",
        "2011-06-15",
    ),
    of("KMS", "kms", Protocol::Json),
    of("Secrets Manager", "secretsmanager", Protocol::Json),
    of("CloudWatch Logs", "logs", Protocol::Json),
    of("S3", "s3", Protocol::Rest),
    of("Route 53", "route53", Protocol::Rest),
];

impl Service {
    /// The service of this name; none where the table has none.
    pub fn named(name: &str) -> Option<Self> {
        SERVICES.into_iter().find(|service| service.name == name)
    }

    pub fn method(self) -> &'static str {
        match self.protocol {
            Protocol::Rest => "HEAD",
            Protocol::Query { .. } | Protocol::Json => "POST",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self.protocol {
            Protocol::Query { .. } => "application/x-www-form-urlencoded",
            Protocol::Json => "application/x-amz-json-1.1",
            Protocol::Rest => "application/xml",
        }
    }

    /// The body that asks for one thing by its id.
    pub fn question(self, method: &str, id: &str) -> String {
        match self.protocol {
            Protocol::Query { version, .. } => {
                format!("Action={method}&Id.1={id}&Version={version}")
            }
            Protocol::Json => format!("{{\"Id\":\"{id}\"}}"),
            Protocol::Rest => String::new(),
        }
    }

    /// The body that answers it.
    pub fn answer(self, method: &str, id: &str, request: &str) -> String {
        match self.protocol {
            Protocol::Query { namespace, .. } => format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{method}Response xmlns=\"{namespace}\">\n    <requestId>{request}</requestId>\n    <itemSet>\n        <item><id>{id}</id></item>\n    </itemSet>\n</{method}Response>"
            ),
            Protocol::Json => format!("{{\"Id\":\"{id}\",\"Enabled\":true}}"),
            Protocol::Rest => String::new(),
        }
    }

    /// The code and the body of a refusal, because there were too many calls.
    pub fn refusal(self, request: &str) -> String {
        match self.protocol {
            Protocol::Query { .. } => format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Request limit exceeded.</Message></Error></Errors><RequestID>{request}</RequestID></Response>"
            ),
            Protocol::Json => {
                "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}".to_owned()
            }
            Protocol::Rest => format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message><RequestId>{request}</RequestId></Error>"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_known_by_its_service_and_method() {
        let call = Call::read("EC2/DescribeInstances").unwrap();
        assert_eq!(
            (call.service.host, call.method.as_str()),
            ("ec2", "DescribeInstances")
        );
        assert_eq!(call.changing("Update").method, "ModifyInstance");
        assert_eq!(Call::read("Nothing/Describe"), None);
    }
}
