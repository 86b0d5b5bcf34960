use std::process::ExitCode;

fn main() -> ExitCode {
    matteractor::serve(vec![approval::skill().into()])
}
