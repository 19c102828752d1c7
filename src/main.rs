//! The `backstop` command.

fn main() -> std::process::ExitCode {
    backstop::cli::run()
}
