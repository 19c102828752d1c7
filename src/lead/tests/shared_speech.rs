//! Accuracy over transcripts of real people, when the shared data is there.
