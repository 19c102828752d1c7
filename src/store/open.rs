//! Opening the database: creates what is missing, brings the schema up to date, and says in the owner's words what is wrong.

use super::{Store, StoreError};
use sqlx::any::AnyPoolOptions;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AnyConnection, AnyPool, Connection as _, Executor as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// Which database is behind the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Backend {
    Sqlite,
    Postgres,
}

/// What `database.url` asks for.
struct Target {
    url: String,
    backend: Backend,
    /// The file's path, or the server's address without its password.
    place: String,
    path: Option<PathBuf>,
}

impl Store {
    /// Opens the database at `url` and brings its schema up to date.
    ///
    /// - `sqlite:PATH` (or `sqlite::memory:`): the file and its folder are created when absent.
    /// - `postgres://USER:PASSWORD@HOST/DATABASE`: the database must exist.
    ///
    /// # Errors
    /// [`StoreError::Open`] when the address is wrong, the file or folder can't be written, the file is no database, the
    /// server can't be reached, or the schema was written by a newer version.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let target = Target::parse(url)?;
        target.create_folder()?;
        sqlx::any::install_default_drivers();
        let pool = target.connect().await?;
        let store = Self { pool, backend: target.backend };
        MIGRATIONS.run(&store.pool).await.map_err(|error| target.migration_failed(error))?;
        store.prove_writable().await.map_err(|error| target.failed(&error))?;
        Ok(store)
    }

    /// A database that can only be read is found out now and not at the end of the first call.
    async fn prove_writable(&self) -> Result<(), sqlx::Error> {
        let mut tx = self.pool.begin().await?;
        sqlx::query("DELETE FROM opt_outs WHERE number = ''").execute(&mut *tx).await?;
        tx.rollback().await
    }
}

impl Target {
    fn parse(url: &str) -> Result<Self, StoreError> {
        if let Some(rest) = url.strip_prefix("sqlite:") {
            let path = rest.strip_prefix("//").unwrap_or(rest);
            let bare = path.split('?').next().unwrap_or(path);
            let in_memory = bare == ":memory:";
            let mode = if path.contains('?') || in_memory { "" } else { "?mode=rwc" };
            return Ok(Self {
                url: format!("sqlite:{path}{mode}"),
                backend: Backend::Sqlite,
                place: bare.to_owned(),
                path: (!in_memory).then(|| PathBuf::from(bare)),
            });
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let place = url.rsplit_once('@').map_or(url, |(_, server)| server);
            let place = place.split('?').next().unwrap_or(place).to_owned();
            return Ok(Self { url: url.to_owned(), backend: Backend::Postgres, place, path: None });
        }
        Err(StoreError::Open {
            place: format!("an address of kind `{}`", url.split(':').next().unwrap_or_default()),
            problem: "it is neither SQLite nor PostgreSQL".into(),
            fix: "write `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`".into(),
        })
    }

    fn create_folder(&self) -> Result<(), StoreError> {
        let Some(folder) = self.path.as_deref().and_then(Path::parent) else { return Ok(()) };
        if folder.as_os_str().is_empty() {
            return Ok(());
        }
        std::fs::create_dir_all(folder).map_err(|error| StoreError::Open {
            place: self.place.clone(),
            problem: format!("its folder {} can't be made ({error})", folder.display()),
            fix: "make the folder for Backstop's user, or set database.url to a file elsewhere".into(),
        })
    }

    async fn connect(&self) -> Result<AnyPool, StoreError> {
        // An in-memory database lives in one connection.
        let connections = if self.backend == Backend::Sqlite && self.path.is_none() { 1 } else { 4 };
        let backend = self.backend;
        // The pool tries again until its time is up and then says only that: the first connection is made without it,
        // so that what is wrong is told at once.
        let mut first = tokio::time::timeout(CONNECT_LIMIT, AnyConnection::connect(&self.url))
            .await
            .map_err(|_| self.failed(&sqlx::Error::PoolTimedOut))?
            .map_err(|error| self.failed(&error))?;
        prepare(&mut first, backend).await.map_err(|error| self.failed(&error))?;
        first.close().await.map_err(|error| self.failed(&error))?;
        AnyPoolOptions::new()
            .min_connections(1)
            .max_connections(connections)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(CONNECT_LIMIT)
            .after_connect(move |connection, _| Box::pin(prepare(connection, backend)))
            .connect(&self.url)
            .await
            .map_err(|error| self.failed(&error))
    }

    fn migration_failed(&self, error: MigrateError) -> StoreError {
        let (problem, fix) = match error {
            MigrateError::VersionMissing(version) => (
                format!("it was written by a newer Backstop (schema {version})"),
                "start that version again, or set database.url to another database".to_owned(),
            ),
            MigrateError::VersionMismatch(version) => (
                format!("its schema {version} is not the one this Backstop makes"),
                "restore the database from a copy, or set database.url to another database".to_owned(),
            ),
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => return self.failed(&error),
            other => (other.to_string(), self.how_to_mend()),
        };
        StoreError::Open { place: self.place.clone(), problem, fix }
    }

    fn failed(&self, error: &sqlx::Error) -> StoreError {
        // The driver's own words, without sqlx's prefix of where they came from.
        let problem = error.as_database_error().map_or_else(|| error.to_string(), |e| e.message().to_owned());
        StoreError::Open { place: self.place.clone(), problem, fix: self.how_to_mend() }
    }

    fn how_to_mend(&self) -> String {
        match self.backend {
            Backend::Sqlite => {
                "let Backstop's user write the file and its folder, or set database.url to a file elsewhere".into()
            }
            Backend::Postgres => "check that the server runs, and database.url's user, password and database".into(),
        }
    }
}

/// Makes a new connection's writes last.
async fn prepare(connection: &mut AnyConnection, backend: Backend) -> Result<(), sqlx::Error> {
    if backend == Backend::Sqlite {
        connection
            .execute(
                "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                 PRAGMA foreign_keys = ON;",
            )
            .await?;
    }
    Ok(())
}
