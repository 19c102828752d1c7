//! ONNX Runtime: how every model of that form is opened.

use super::SpeechError;
use ort::session::Session;
use ort::session::builder::GraphOptimizationLevel;
use std::path::Path;

/// Opens a model by ONNX Runtime's library (1.24 or later); `what` names it in errors.
///
/// # Errors
/// When a file is missing or of the wrong kind.
pub(super) fn open(what: &'static str, model: &Path, library: &Path, threads: usize) -> Result<Session, SpeechError> {
    // An environment that stands already is as good.
    let _first = ort::init_from(library).map_err(|error| load_error(what, library, &error))?.commit();
    session(model, threads).map_err(|why| load_error(what, model, &why))
}

/// That a file can't be loaded, and why.
pub(super) fn load_error(what: &'static str, path: &Path, why: &impl ToString) -> SpeechError {
    SpeechError::Load { what, path: path.display().to_string(), why: why.to_string() }
}

fn session(model: &Path, threads: usize) -> Result<Session, String> {
    if !model.is_file() {
        return Err("there is no such file".to_owned());
    }
    let told = |error: &dyn ToString| error.to_string();
    Session::builder()
        .map_err(|e| told(&e))?
        .with_optimization_level(GraphOptimizationLevel::All)
        .map_err(|e| told(&e))?
        .with_intra_threads(threads.max(1))
        .map_err(|e| told(&e))?
        // Idle threads that spin would take the cores from the language model.
        .with_intra_op_spinning(false)
        .map_err(|e| told(&e))?
        .commit_from_file(model)
        .map_err(|e| told(&e))
}
