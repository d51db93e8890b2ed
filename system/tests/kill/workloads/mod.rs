//! The workloads: one file each, and its line in the list.

mod feed;
mod posts;
mod roles;
mod uploads;

use crate::stage::Stage;
use crate::workload::Workload;

/// All of them, at work.
pub async fn begin(stage: &Stage) -> Vec<Box<dyn Workload>> {
    vec![
        Box::new(posts::Posts::begin(stage).await),
        Box::new(roles::Roles::begin(stage).await),
        Box::new(feed::Feed::begin(stage)),
        Box::new(uploads::Uploads::begin(stage)),
    ]
}
