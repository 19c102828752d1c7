//! A thread that owns one model: warm before it takes work, with a bounded inbox, and alive after a job that panics.

use super::SpeechError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

/// A thread at work. Dropping it lets the jobs already taken in finish and waits for the thread.
///
/// A job that wants an answer carries the sender of a channel. When the job panics, that sender is dropped, so the asker
/// sees its channel close without an answer: to be read as [`crate::conversation::ModelFailure::Broken`].
pub struct Worker<J: Send + 'static> {
    inbox: Option<SyncSender<J>>,
    thread: Option<JoinHandle<()>>,
    panics: Arc<AtomicU64>,
}

/// A worker whose model is still being loaded.
pub struct Starting<J: Send + 'static> {
    worker: Worker<J>,
    ready: Receiver<Result<(), SpeechError>>,
    name: &'static str,
}

/// Why a job was not taken; the job is given back.
#[derive(Debug)]
pub enum Refused<J> {
    /// The inbox is full: the model is too busy.
    Busy(J),
    /// The thread is gone.
    Gone(J),
}

impl<J: Send + 'static> Worker<J> {
    /// Starts a thread that makes its state by `init` and then gives it each job in turn. At most `capacity` jobs wait.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start<S>(
        name: &'static str,
        capacity: usize,
        init: impl FnOnce() -> Result<S, SpeechError> + Send + 'static,
        run: impl FnMut(&mut S, J) + Send + 'static,
    ) -> Result<Starting<J>, SpeechError> {
        let (inbox, jobs) = sync_channel(capacity);
        let (told, ready) = sync_channel(1);
        let panics = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&panics);
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || live(init, run, &jobs, &told, &counter))
            .map_err(|error| SpeechError::Run { what: name, why: error.to_string() })?;
        Ok(Starting { worker: Self { inbox: Some(inbox), thread: Some(thread), panics }, ready, name })
    }

    /// [`Worker::start`], then [`Starting::wait`].
    ///
    /// # Errors
    /// As both.
    pub fn spawn<S>(
        name: &'static str,
        capacity: usize,
        init: impl FnOnce() -> Result<S, SpeechError> + Send + 'static,
        run: impl FnMut(&mut S, J) + Send + 'static,
    ) -> Result<Self, SpeechError> {
        Self::start(name, capacity, init, run)?.wait()
    }

    /// Hands a job over without waiting.
    ///
    /// # Errors
    /// When the inbox is full or the thread is gone.
    pub fn try_send(&self, job: J) -> Result<(), Refused<J>> {
        let Some(inbox) = &self.inbox else { return Err(Refused::Gone(job)) };
        inbox.try_send(job).map_err(|error| match error {
            TrySendError::Full(job) => Refused::Busy(job),
            TrySendError::Disconnected(job) => Refused::Gone(job),
        })
    }

    /// How many jobs have panicked.
    pub fn panics(&self) -> u64 {
        self.panics.load(Ordering::Relaxed)
    }
}

impl<J: Send + 'static> Starting<J> {
    /// Waits until the model is loaded.
    ///
    /// # Errors
    /// What `init` said, or [`SpeechError::Run`] when it panicked.
    pub fn wait(self) -> Result<Worker<J>, SpeechError> {
        let gone = |_| Err(SpeechError::Run { what: self.name, why: "it panicked while loading".to_owned() });
        self.ready.recv().unwrap_or_else(gone).map(|()| self.worker)
    }
}

impl<J: Send + 'static> Drop for Worker<J> {
    fn drop(&mut self) {
        self.inbox = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked outside a job has nothing more to tell.
            drop(thread.join());
        }
    }
}

fn live<S, J>(
    init: impl FnOnce() -> Result<S, SpeechError>,
    mut run: impl FnMut(&mut S, J),
    jobs: &Receiver<J>,
    told: &SyncSender<Result<(), SpeechError>>,
    panics: &AtomicU64,
) {
    let mut state = match init() {
        Ok(state) => state,
        Err(error) => {
            // Nobody may be waiting any more; then nobody needs to know.
            drop(told.send(Err(error)));
            return;
        }
    };
    if told.send(Ok(())).is_err() {
        return;
    }
    while let Ok(job) = jobs.recv() {
        // The adapters keep their state sound at every point where a panic may come, so it may be used again.
        if catch_unwind(AssertUnwindSafe(|| run(&mut state, job))).is_err() {
            panics.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Refused, SpeechError, Worker};
    use std::sync::mpsc::{Receiver, Sender, channel};

    enum Job {
        Add(u32, Sender<u32>),
        Wait(Sender<()>, Receiver<()>),
        Panic(Sender<u32>),
    }

    fn counter(capacity: usize) -> Worker<Job> {
        Worker::spawn(
            "counter",
            capacity,
            || Ok(0_u32),
            |sum, job| match job {
                Job::Add(n, answer) => {
                    *sum += n;
                    answer.send(*sum).expect("the asker waits");
                }
                Job::Wait(begun, gate) => {
                    begun.send(()).expect("the asker waits");
                    gate.recv().expect("opened");
                }
                Job::Panic(_answer) => panic!("as asked"),
            },
        )
        .expect("starts")
    }

    #[test]
    fn a_full_inbox_gives_the_job_back() {
        let worker = counter(1);
        let (begun, has_begun) = channel();
        let (open, gate) = channel();
        worker.try_send(Job::Wait(begun, gate)).ok().expect("taken");
        has_begun.recv().expect("begun");
        let (answer, answers) = channel();
        worker.try_send(Job::Add(1, answer.clone())).ok().expect("waits in the inbox");
        assert!(matches!(worker.try_send(Job::Add(2, answer)), Err(Refused::Busy(Job::Add(2, _)))));
        open.send(()).expect("the worker waits");
        assert_eq!(answers.recv(), Ok(1));
    }

    #[test]
    fn a_panicking_job_closes_its_answer_and_the_worker_goes_on() {
        let worker = counter(4);
        let (answer, answers) = channel();
        worker.try_send(Job::Panic(answer)).ok().expect("taken");
        assert!(answers.recv().is_err());
        let (answer, answers) = channel();
        worker.try_send(Job::Add(5, answer)).ok().expect("taken");
        assert_eq!(answers.recv(), Ok(5));
        assert_eq!(worker.panics(), 1);
    }

    #[test]
    fn a_failing_start_is_told() {
        let broken = || Err::<(), _>(SpeechError::Run { what: "x", why: "no file".into() });
        let error = Worker::<()>::spawn("x", 1, broken, |(), ()| ()).err().expect("fails");
        assert_eq!(error.to_string(), "x failed: no file");
        let panicking = || -> Result<(), SpeechError> { panic!("as asked") };
        let error = Worker::<()>::spawn("x", 1, panicking, |(), ()| ()).err().expect("fails");
        assert_eq!(error.to_string(), "x failed: it panicked while loading");
    }

    #[test]
    fn dropping_finishes_what_was_taken_in() {
        let worker = counter(4);
        let (answer, answers) = channel();
        for n in 1..=3 {
            worker.try_send(Job::Add(n, answer.clone())).ok().expect("taken");
        }
        drop(worker);
        assert_eq!(answers.try_iter().collect::<Vec<_>>(), [1, 3, 6]);
    }
}
