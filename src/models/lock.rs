//! Keeps two pulls from working in the same folder at once. The system frees the lock when its holder dies.

use super::cache::Cache;
use super::error::ModelError;
use super::progress::Progress;
use std::fs::{self, File, TryLockError};

/// Held while a pull works; freed when dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// Takes the lock, waiting for another pull to end.
pub(super) fn take(cache: &Cache, progress: &dyn Progress) -> Result<Lock, ModelError> {
    fs::create_dir_all(cache.partial()).map_err(ModelError::io(&cache.partial()))?;
    let path = cache.root().join(".lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(ModelError::io(&path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            progress.say("another pull is at work in the same folder: waiting for it to end");
            file.lock().map_err(ModelError::io(&path))?;
        }
        Err(TryLockError::Error(why)) => return Err(ModelError::Io { path, why }),
    }
    Ok(Lock { _file: file })
}
