//! Links libsonic, which piper-rs' espeak-ng expects from the system.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_PIPER").is_some() {
        println!("cargo:rustc-link-lib=sonic");
    }
}
