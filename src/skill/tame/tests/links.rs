use super::*;

#[test]
fn a_link_text_right_behind_an_address_is_no_link_that_leads_elsewhere() {
    for (text, tamed) in [
        (
            "https://bank.example/[login](https://evil.example)",
            r"<https://bank.example/>\[login](https://evil.example)",
        ),
        (
            "bank.example[login](https://evil.example)",
            r"bank.example\[login](https://evil.example)",
        ),
        (
            "bank.example/[login](https://evil.example)",
            r"bank.example/\[login](https://evil.example)",
        ),
        (
            "bank.org/[login](https://evil.example)",
            "bank.org\u{200b}/\\[login](https://evil.example)",
        ),
        ("https://a[b](c)", r"<https://a>\[b](c)"),
        (
            "https://bank.example/**[login](https://evil.example)**",
            r"<https://bank.example/>**\[login](https://evil.example)**",
        ),
        (
            "**https://bank.example/**_[login](https://evil.example)_",
            r"**<https://bank.example/>**_\[login](https://evil.example)_",
        ),
        (
            r"bank\.example/[login](https://evil.example)",
            r"bank\.example/\[login](https://evil.example)",
        ),
        (
            "`bank.example`[/login](https://evil.example)",
            r"`bank.example`\[/login](https://evil.example)",
        ),
        (
            "bank[.example](https://evil.example)",
            r"bank\[.example](https://evil.example)",
        ),
        (
            "[bank.example](https://bank.example)[/login](https://evil.example)",
            r"[bank.example](https://bank.example)\[/login](https://evil.example)",
        ),
        (
            "[our bank](https://bank.example)[.example/login](https://evil.example)",
            r"[our bank](https://bank.example)\[.example/login](https://evil.example)",
        ),
        (
            "[bank](https://evil.example)**.example**",
            r"\[bank](https://evil.example)**.example**",
        ),
        (
            "https://bank.example/a|[login](https://evil.example)",
            r"<https://bank.example/a%7C>\[login](https://evil.example)",
        ),
        (
            "ann@bank.example[1](https://evil.example)",
            r"ann@bank.example\[1](https://evil.example)",
        ),
    ] {
        assert_eq!(tame(text), tamed);
    }
    for text in [
        "[1](https://x.org),[2](https://y.org)",
        "see https://x.org: [docs](https://y.org)",
        "([docs](https://y.org)/[code](https://z.org))",
        "https://x.org [docs](https://y.org)",
        "([tel:0049](tel:0049)).",
        "[node](https://y.org).js, [docs](https://y.org).",
        "main.rs:[12](https://y.org)",
        "| https://x.org |[docs](https://y.org)|",
    ] {
        assert_eq!(tame(text), text);
    }
}

#[test]
fn a_link_text_that_names_another_host_anywhere_is_no_link() {
    for (text, tamed) in [
        (
            "[log in at bank.example](https://evil.org)",
            r"\[log in at bank.example](https://evil.org)",
        ),
        (
            "[:pizza: bank.example](https://evil.org)",
            r"\[:pizza: bank.example](https://evil.org)",
        ),
        (
            "[10.0.0.1](https://evil.org)",
            r"\[10.0.0.1](https://evil.org)",
        ),
    ] {
        assert_eq!(tame(text), tamed);
    }
    let same = "[log in at bank.example](https://bank.example/login)";
    assert_eq!(tame(same), same);
}
