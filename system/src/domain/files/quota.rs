//! Quotas: what a user and a company have taken of theirs. Every change is part of the operation that causes it, so
//! that of many uploads that are created at once only as many succeed as fit.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::super::rights::acting;
use crate::config::{QuotaConfig, UploadConfig};
use crate::protocol::{
    CompanyId, ErrorCode, EventBody, File, FileState, Quota, QuotaExceeded, QuotaScope, Quotas, StreamId, UserId,
};
use crate::refusal::{Answer, Refusal};
use crate::store::key::QuotaKey;
use crate::store::{Actor, Draft, QuotaRecord, View};

/// What bounds files.
#[derive(Clone, PartialEq, Debug)]
pub struct FileLimits {
    /// Of one upload.
    pub uploads: UploadConfig,
    /// Of all files together.
    pub quota: QuotaConfig,
}

/// The caller's own quota and their company's.
///
/// # Errors
/// [`ErrorCode::SessionRevoked`].
pub fn quotas(view: &View<'_>, actor: Actor, limits: &QuotaConfig) -> Answer<Quotas> {
    let caller = acting(view, actor)?;
    let of_user = view.get(&QuotaKey(caller.id.0))?.unwrap_or_default();
    let of_company = view.get(&QuotaKey(caller.company.0))?.unwrap_or_default();
    Ok(Quotas { user: quota(of_user, limits.user_bytes), company: quota(of_company, limits.company_bytes) })
}

/// What one operation changes in the quotas of users and companies: collected, and written once.
#[derive(Debug, Default)]
pub(super) struct Changes {
    users: BTreeMap<UserId, Change>,
    companies: BTreeMap<CompanyId, Change>,
}

/// Wide enough for any sum of sizes, in both directions.
#[derive(Clone, Copy, Debug, Default)]
struct Change {
    used: i128,
    reserved: i128,
}

impl Changes {
    /// An upload begins.
    pub(super) fn reserve(&mut self, file: &File) {
        self.add(file, Change { used: 0, reserved: file.size.into() });
    }

    /// An upload is complete: what was reserved is used.
    pub(super) fn complete(&mut self, file: &File) {
        self.add(file, Change { used: file.size.into(), reserved: -i128::from(file.size) });
    }

    /// A file, complete or not, is no more.
    pub(super) fn release(&mut self, file: &File) {
        let size = -i128::from(file.size);
        self.add(
            file,
            match file.state {
                FileState::Uploading => Change { used: 0, reserved: size },
                FileState::Complete => Change { used: size, reserved: 0 },
            },
        );
    }

    /// Writes what has changed and tells each user of theirs.
    ///
    /// # Errors
    /// [`ErrorCode::QuotaExceeded`] if more is taken than before, and than may be.
    pub(super) fn write(self, draft: &mut Draft<'_>, limits: &QuotaConfig, by: UserId) -> Answer<()> {
        for (user, change) in self.users {
            let record = change.write(draft, QuotaScope::User, user.0, limits.user_bytes)?;
            let told = quota(record, limits.user_bytes);
            draft.append(StreamId::User(user), by, |_| EventBody::QuotaUpdated(told))?;
        }
        for (company, change) in self.companies {
            change.write(draft, QuotaScope::Company, company.0, limits.company_bytes)?;
        }
        Ok(())
    }

    fn add(&mut self, file: &File, change: Change) {
        for sum in [self.users.entry(file.owner).or_default(), self.companies.entry(file.company).or_default()] {
            sum.used += change.used;
            sum.reserved += change.reserved;
        }
    }
}

impl Change {
    fn write(self, draft: &mut Draft<'_>, scope: QuotaScope, of: Uuid, limit_bytes: u64) -> Answer<QuotaRecord> {
        let record = draft.get(&QuotaKey(of))?.unwrap_or_default();
        let sum = |taken: u64, change: i128| u64::try_from((i128::from(taken) + change).max(0)).unwrap_or(u64::MAX);
        let changed = QuotaRecord {
            used_bytes: sum(record.used_bytes, self.used),
            reserved_bytes: sum(record.reserved_bytes, self.reserved),
        };
        let grows = self.used + self.reserved > 0;
        if grows && changed.used_bytes.saturating_add(changed.reserved_bytes) > limit_bytes {
            return Err(exceeded(QuotaExceeded {
                scope,
                limit_bytes,
                used_bytes: record.used_bytes,
                reserved_bytes: record.reserved_bytes,
                asked_bytes: u64::try_from(self.used + self.reserved).unwrap_or(u64::MAX),
            }));
        }
        draft.put(&QuotaKey(of), &changed);
        Ok(changed)
    }
}

fn exceeded(numbers: QuotaExceeded) -> Refusal {
    let QuotaExceeded { scope, limit_bytes, used_bytes, reserved_bytes, asked_bytes } = numbers;
    let whose = match scope {
        QuotaScope::User => "your quota",
        QuotaScope::Company => "your company's quota",
    };
    let detail = format!(
        "{whose} is {limit_bytes} bytes, of which {used_bytes} are used and {reserved_bytes} reserved: {asked_bytes} \
         more do not fit; delete files, or end uploads"
    );
    Refusal { quota: Some(Box::new(numbers)), ..Refusal::new(ErrorCode::QuotaExceeded, detail) }
}

fn quota(record: QuotaRecord, limit_bytes: u64) -> Quota {
    Quota { limit_bytes, used_bytes: record.used_bytes, reserved_bytes: record.reserved_bytes }
}
