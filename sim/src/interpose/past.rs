//! Ways past libc, for those who want to show that such a way is seen. On systems where nothing is interposed they go
//! through the standard library.

/// Random bits, by a system call of its own.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#[expect(unsafe_code, reason = "a system call writes where its caller points")]
pub fn entropy_past_libc() -> u64 {
    let mut bytes = [0; 8];
    let place = bytes.as_mut_ptr().expose_provenance();
    // SAFETY: the place is valid for writes of eight bytes.
    unsafe { super::kernel::call(libc::SYS_getrandom, [place, bytes.len(), 0, 0, 0, 0]) };
    u64::from_le_bytes(bytes)
}

/// What the monotonic clock shows, by a system call of its own.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#[expect(unsafe_code, reason = "a system call writes where its caller points")]
pub fn nanoseconds_past_libc() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let place = (&raw mut time).expose_provenance();
    // SAFETY: the place is valid for a write.
    unsafe { super::kernel::call(libc::SYS_clock_gettime, [libc::CLOCK_MONOTONIC as usize, place, 0, 0, 0, 0]) };
    (time.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(time.tv_nsec as u64)
}

/// Random bits.
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub fn entropy_past_libc() -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    RandomState::new().build_hasher().finish()
}

/// What the monotonic clock shows, since some moment of this process.
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
#[expect(clippy::disallowed_methods, reason = "this is a leak on purpose")]
pub fn nanoseconds_past_libc() -> u64 {
    static BEGAN: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    BEGAN.get_or_init(std::time::Instant::now).elapsed().as_nanos() as u64
}
