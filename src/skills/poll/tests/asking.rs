use super::*;

/// The poll that this line makes.
async fn poll(line: &str) -> Poll {
    let mut stage = stage();
    stage.slash("ann", &format!("/poll {line}")).await;
    assert_eq!(stage.states::<Poll>(), 1, "{}", stage.transcript());
    stage.state::<Poll>()
}

async fn refusal(line: &str) -> String {
    let mut stage = stage();
    stage.slash("ann", &format!("/poll {line}")).await;
    assert_eq!(stage.states::<Poll>(), 0, "{}", stage.transcript());
    stage.whisper("ann")
}

#[tokio::test]
async fn a_dash_that_a_phone_made_of_two_hyphens_is_read() {
    let mut stage = stage();
    stage
        .slash("ann", "/poll “Lunch?” „Pizza“ “Soup” —multiple")
        .await;
    assert!(stage.card().contains("several votes each"));
}

#[tokio::test]
async fn flags_are_read_wherever_they_stand_and_whatever_dash_is_before_them() {
    for line in [
        r#"–anonymous "Q" "A" "B""#,
        r#""Q" —anonymous "A" "B""#,
        r#""Q" "A" -Anonymous "B""#,
        r#""Q" "A" "B" −−anonymous"#,
        r#"--until=2h "Q" "A" --anonymous "B""#,
        r#""Q" "A" "B" --until 2h –anonymous"#,
        r#""Q" --anonymous A B"#,
    ] {
        let poll = poll(line).await;
        assert!(poll.anonymous && !poll.multiple, "{line}");
        assert_eq!(poll.question, "Q", "{line}");
        assert_eq!(poll.options, ["A", "B"], "{line}");
    }
}

#[tokio::test]
async fn words_in_quotation_marks_are_never_flags_and_numbers_neither() {
    let poll = poll(r#""How cold?" "--anonymous" “–until” -5 −10 "-""#).await;
    assert_eq!(poll.options, ["--anonymous", "–until", "-5", "−10", "-"]);
}

#[tokio::test]
async fn a_question_alone_offers_yes_and_no() {
    for line in [
        r#""Shall we go?""#,
        "Lunch?",
        "Lunch?!",
        "Lunch!?",
        r#""Shall we go?" --multiple"#,
        "„Gehen wir?“ –until 2h",
    ] {
        assert_eq!(poll(line).await.options, ["Yes", "No"], "{line}");
    }
}

#[tokio::test]
async fn a_question_may_quote_with_other_marks_than_its_own() {
    let found = poll(r#""Wie findet ihr „Der Herr der Ringe“?" "Gut" "Schlecht""#).await;
    assert_eq!(found.question, "Wie findet ihr „Der Herr der Ringe“?");
    assert_eq!(found.options, ["Gut", "Schlecht"]);
    let found = poll("« Un café ? » «\u{a0}Oui\u{a0}» « Non »").await;
    assert_eq!(found.options, ["Oui", "Non"]);
    let found = poll("Gate? and or xor").await;
    assert_eq!(found.options, ["and", "or", "xor"]);
    let found = poll("How? [a](https://x.org) (a) <5 ~dev").await;
    assert_eq!(found.options, ["[a](https://x.org)", "(a)", "<5", "~dev"]);
    let found = poll("「昼食は？」「ピザ」「寿司」").await;
    assert_eq!(found.options, ["ピザ", "寿司"]);
}

#[tokio::test]
async fn what_makes_no_poll_is_refused_in_a_sentence() {
    let long = |n| "x".repeat(n);
    let many: Vec<_> = (0..21).map(|n| format!("o{n}")).collect();
    for (line, part) in [
        ("".into(), "needs a question and at least 2 options"),
        (
            "Lunch? Pizza".into(),
            "needs a question and at least 2 options",
        ),
        (r#""" A B"#.into(), "needs a question"),
        (r#""Lunch? A B"#.into(), "quotation mark missing"),
        (
            r#"Lunch? Pizza " pizza ""#.into(),
            "The option **pizza** is there twice.",
        ),
        (
            r#"Lunch? Pizza """#.into(),
            "An option is empty, or nothing of it can be seen.",
        ),
        (
            format!("\"{}\" A B", long(301)),
            "The question is too long: it may have 300",
        ),
        (
            format!("Lunch? A {}", long(101)),
            "An option is too long: it may have 100",
        ),
        (
            format!("Lunch? {}", many.join(" ")),
            "These are 21 options; a poll has at most 20.",
        ),
        ("Lunch? A B --loud".into(), "There is no flag `--loud`."),
        ("Lunch? A B --until".into(), "`--until` needs a time"),
        (
            "Lunch? A B --until 08:59".into(),
            "08:59 is over already: it is Mon, 5 Jan 2026, 09:00 (UTC).",
        ),
        (
            "Lunch? A B --until 2025-12-24T18:00".into(),
            "is over already:",
        ),
        (
            "Lunch? A B --until soon".into(),
            "soon can't be read as a time.",
        ),
        (
            r#""Q?" "A" or "B""#.into(),
            "Is or an option, or does it join some?",
        ),
        (r#""Q?", A, B, C"#.into(), "Is A, an option"),
        (r#""Q?" A oder B"#.into(), "Is oder an option"),
        (
            "--until 2h Q A B".into(),
            "Q A B doesn't belong to the time 2h.",
        ),
        (
            "[Lunch today?] [Pizza] [Soup]".into(),
            "Brackets don't hold words together",
        ),
        ("(Lunch?) (Pizza) (Soup)".into(), "Brackets don't hold"),
        (
            r#""Lunch?" {Pizza margherita} {Soup}"#.into(),
            "Brackets don't hold",
        ),
        ("<Lunch?> <Pizza> <Soup>".into(), "Brackets don't hold"),
        (
            "<<Lunch today?>> <<Pizza>> <<Soup>>".into(),
            "Brackets don't hold",
        ),
        (
            ",,Lunch today?'' ,,Pizza'' ,,Soup''".into(),
            "Two commas aren't read",
        ),
        (
            r#""Q" "A" "[ ](https://x.org)""#.into(),
            "An option is empty, or nothing",
        ),
        (r#""` `" "A" "B""#.into(), "needs a question"),
        (
            r#""Q" "A" "B" (--anonymous)"#.into(),
            "Is `(--anonymous)` the flag `--anonymous`?",
        ),
    ] {
        let mut stage = stage();
        stage.slash("ann", &format!("/poll {line}")).await;
        let whisper = stage.whisper("ann");
        assert!(whisper.contains(part), "{line}: {whisper}");
        assert_eq!(stage.states::<Poll>(), 0, "{line}");
    }
}

#[tokio::test]
async fn what_would_be_another_poll_than_was_meant_is_refused() {
    for (line, part) in [
        (
            r#""Q" "A" "B" --until 2h Pizza"#,
            "Pizza doesn't belong to the time 2h",
        ),
        (
            r#""Q" --until "17:30" 30m "A" "B""#,
            "30m doesn't belong to the time 17:30",
        ),
        (
            r#""Q" --until 17h30 "A" "B""#,
            "17h30 may be a time of day or a span of time. Write `17:30` for the one, or `17h 30m` for the other.",
        ),
        (r#""Q" "A" "B" --until=2h --until 3h"#, "is there twice"),
        (r#"--until "Q" "A" "B" "C""#, "Q can't be read as a time"),
        (r#""Q" - A - B"#, "neither a flag nor an option"),
        (r#""Q" "A" "B" --anonymus"#, "Is `--anonymous` meant?"),
        (
            "\"Q\" \"A\" \"B\" --\u{200b}anonymous",
            "There is an invisible letter in `--anonymous` (U+200B, a zero-width space)",
        ),
        (
            "\"Q\" \"A\" \"B\" --until 2\u{200b}h",
            "There is an invisible letter in `2h` (U+200B",
        ),
        (
            "\"Q\" \"A\" \"B\" --un\u{ad}til 2h",
            "There is an invisible letter in `--until` (U+00AD, a soft hyphen)",
        ),
        (
            r#""Q" "A" "B" --anonymous no"#,
            "`--anonymous` takes no value: is no behind it one, or an option?",
        ),
        (
            r#""Q" --multiple 2 "A" "B""#,
            "`--multiple` takes no value: is 2",
        ),
        ("Q? --fixed Off A", "`--fixed` takes no value: is Off"),
        ("Q? A \"\u{3164}\"", "nothing of it can be seen"),
        ("Q? A Café Cafe\u{301}", "is there twice"),
        ("\"\u{200b}\" A B", "needs a question"),
        ("What shall we eat?", "goes into quotation marks"),
        (r#"What shall we eat? "A" "B""#, "goes into quotation marks"),
        (
            r#""How is "It"?" "A" "B""#,
            "isn't clear where a quotation ends",
        ),
        (r#"„Q?" "A" „B“"#, "quotation mark missing"),
    ] {
        let whisper = refusal(line).await;
        assert!(whisper.contains(part), "{line}: {whisper}");
    }
}

#[tokio::test]
async fn what_lacks_its_dashes_or_quotation_marks_is_asked_about() {
    for (line, told) in [
        (
            r#""Q" "A" "B" anonymous"#,
            "Is the flag `--anonymous` meant?",
        ),
        (
            r#"/anonymous "Q" "A" "B""#,
            "Is the flag `--anonymous` meant?",
        ),
        (
            r#""Q" "A" "B" +Multiple"#,
            "Is the flag `--multiple` meant?",
        ),
        (r#""Q" "A" "B" until 2h"#, "Is the flag `--until` meant?"),
        ("\"Q\"\n1. A\n2. B", "without numbers before it"),
        (r#""Q" 1) A 2) B"#, "without numbers before it"),
        (r#""Q" a) A b) B"#, "without numbers before it"),
        (r#""Q" (1) A (2) B"#, "without numbers before it"),
        (r#""Q" 1️⃣ A 2️⃣ B"#, "without numbers before it"),
        (r#""Q" * A"#, "Is \\* an option"),
        (r#""Q" "A" "B" ."#, "Is . an option"),
        (r#""Q" "A" "B" …"#, "Is … an option"),
        (r#"create "Q" "A" "B""#, "Is create the question?"),
        ("close", "Is close the question?"),
        ("Where shall we eat", "Is Where the question?"),
        ("Pizza, Soup, Salad", "Is Pizza, the question?"),
    ] {
        let said = refusal(line).await;
        assert!(said.contains(told), "{line}: {said}");
    }
    for line in [
        r#""Mood?" :) :-("#,
        r#""How dear?" $ $$"#,
        "Good? 👍 👎",
        "Where? ⬅ ➡",
        "Where? /etc /tmp/",
        "Which? *a* _b_",
        r#""Which?" "**A" "B**""#,
        r#""Q" Anonymous? B"#,
        r#""Q" "until" "1.""#,
        "Lunch? Pizza 5",
    ] {
        assert_eq!(poll(line).await.options.len(), 2, "{line}");
    }
}

#[tokio::test]
async fn what_joins_or_holds_words_is_asked_about_also_behind_a_question_without_quotation_marks() {
    for question in ["Lunch?", r#""Lunch?""#] {
        for (options, told) in [
            ("Pizza or Soup", "Is or an option, or does it join some?"),
            ("Pizza oder Soup", "Is oder an option"),
            ("Pizza and Soup", "Is and an option"),
            ("Pizza ou Soup", "Is ou an option"),
            ("Pizza o Soup", "Is o an option"),
            ("Pizza → Soup", "Is → an option, or does it"),
            ("Pizza = Soup", "= an option, or does it"),
            (
                "Pizza => Soup",
                "an option, or does it begin, end or join some?",
            ),
            (
                "Pizza || Soup",
                "an option, or does it begin, end or join some?",
            ),
            (
                "Pizza // Soup",
                "an option, or does it begin, end or join some?",
            ),
            ("Pizza, Soup, Salad", "Is Pizza, an option"),
            ("Pizza ,Soup", "Is ,Soup an option"),
            ("yes, no", "Is yes, an option"),
            ("Pizza; Soup", "Is Pizza; an option"),
            (
                "**A B** C",
                r"those of \*\*A end only with B\*\*; quotation marks",
            ),
            ("_A B_ C", r"those of \_A end only with B\_"),
            ("*A B*", r"those of \*A end only"),
            ("~~A B~~", r"those of \~\~A end only"),
            ("|A B|", r"those of \|A end only"),
            ("C /A D B/", "those of /A end only with B/"),
            ("**A B**.", r"those of \*\*A end only"),
        ] {
            let said = refusal(&format!("{question} {options}")).await;
            assert!(said.contains(told), "{question} {options}: {said}");
        }
    }
    let said = refusal("**Lunch? A B**").await;
    assert!(
        said.contains(r"those of \*\*Lunch? end only with B\*\*"),
        "{said}"
    );
}

#[tokio::test]
async fn help_may_be_asked_for_as_programs_are_asked() {
    for line in [
        "--help",
        "-h",
        "—help",
        r#""Q" "A" "B" --help"#,
        "--help --loud",
    ] {
        let said = refusal(line).await;
        assert!(
            said.contains("[--until 2h]` asks a question"),
            "{line}: {said}"
        );
    }
    let found = poll(r#""Q" --multiple "2" "no""#).await;
    assert_eq!(found.options, ["2", "no"]);
    assert_eq!(poll("Lunch?! A B").await.question, "Lunch?!");
}
