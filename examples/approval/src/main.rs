use std::process::ExitCode;

fn main() -> ExitCode {
    matteractor::app::serve(vec![approval::skill().into()])
}
