//! The resources of a region by their tags, as the Resource Groups Tagging API
//! lists them: whatever has or had a tag, page by page, within a bound.

use aws_sdk_resourcegroupstagging::types::{ResourceTagMapping, TagFilter};

use super::question::{Question, Service};
use super::{Aws, Inner};
use crate::fault::Fault;
use crate::recovery::rebuild::Tagged;

/// More pages of a hundred resources than these are not asked for.
const PAGES: usize = 200;
const PAGE: i32 = 100;

/// What one region holds.
#[derive(Debug, Default)]
pub struct Labeled {
    pub resources: Vec<Tagged>,
    /// Whether there are more than were listed.
    pub more: bool,
}

impl Aws {
    /// The resources of a region that carry all of these tags; every one that
    /// has a tag where none is named. A tag without a value may have any.
    pub async fn tagged(
        &self,
        region: &str,
        tags: &[(String, Option<String>)],
    ) -> Result<Labeled, Fault> {
        let question = Question {
            service: Service::Tagging,
            doing: "list the tagged resources of",
            subject: region.to_owned(),
            action: "tag:GetResources",
            resource: "*".to_owned(),
        };
        let answer = Box::pin(self.inner.tagged(&question, region, tags));
        self.inner.within(&question, answer).await
    }
}

impl Inner {
    async fn tagged(
        &self,
        question: &Question,
        region: &str,
        tags: &[(String, Option<String>)],
    ) -> Result<Labeled, Fault> {
        let client = self.clients.tagging(&self.place, region);
        let filters: Vec<TagFilter> = tags.iter().map(filter).collect();
        let (mut labeled, mut after) = (Labeled::default(), None);
        for _ in 0..PAGES {
            let page = client
                .get_resources()
                .resources_per_page(PAGE)
                .set_tag_filters((!filters.is_empty()).then(|| filters.clone()))
                .set_pagination_token(after.take());
            let page = Box::pin(page.send()).await;
            let page = page.map_err(|error| self.explain(question, &error))?;
            let listed = page.resource_tag_mapping_list.unwrap_or_default();
            labeled
                .resources
                .extend(listed.into_iter().filter_map(tagged));
            after = page.pagination_token.filter(|token| !token.is_empty());
            if after.is_none() {
                return Ok(labeled);
            }
        }
        labeled.more = true;
        Ok(labeled)
    }
}

fn filter((key, value): &(String, Option<String>)) -> TagFilter {
    let values = value.as_ref().map(|value| vec![value.clone()]);
    TagFilter::builder().key(key).set_values(values).build()
}

fn tagged(listed: ResourceTagMapping) -> Option<Tagged> {
    let tags = listed.tags.unwrap_or_default().into_iter();
    Some(Tagged {
        arn: listed.resource_arn?,
        tags: tags.map(|tag| (tag.key, tag.value)).collect(),
    })
}
