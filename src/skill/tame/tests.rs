use super::inline::tick_runs;
use super::*;
use crate::skill::ZERO_WIDTH_SPACE;

mod links;

#[test]
fn markdown_stays_markdown() {
    for text in [
        "- a **b** `c`\n- [x] d\n  - e\n1. f",
        "# head\n\n> quoted\n\n---\n| a | b |\n|---|---|\n| c | d |",
        "_a_ *b* ~~c~~ __d__ snake_case 5 * 3",
        "```rust\n@Override\nlet a = *b;\n```",
        "~~~\n```\n~~~",
        "`@all` ``a ` b``",
        "[the wiki](https://example.org/a_(b)) <https://x.org/a_b> www.x.org ann@x.org",
        "[https://x.org](https://x.org/) [x.org](https://x.org)",
        "[x](https://x.org 'title') [y](https://x.org \"title\") [a b](<https://x.org/a>)",
        "<https://npmjs.com/package/%40types/node>",
        "[README.md](https://git.x.org/a/README.md) [node.js](https://nodejs.org)",
        "[main.rs](https://git.x.org/main.rs) [ann.lee](https://x.org/ann) [x.org](https://x.org/a)",
        r"\*not bold\* \`no code\` C:\Users",
        "https://git.example.org/g/p/-/issues/12#note_55 https://x.org/@types/node",
        "&amp; &lt; a < b ~dev #tag :+1:",
        "node_modules/socket.io/my_file.js src/main.rs/x_y github.com/my_org/my_repo",
        "***wow*** *a **b** c* **a *b*** ___x___ _a __b__ c_",
        "**bold over\ntwo lines** *and\n  so* ~~on\n1~~",
    ] {
        assert_eq!(tame(text), text);
        assert_eq!(tame(&tame(text)), text);
    }
}

#[test]
fn formulas_are_shown_as_they_were_typed() {
    for (text, tamed) in [
        ("$x^2$", "&#36;x^2$"),
        ("- **$a_1$** or $b*c$", "- **&#36;a_1$** or &#36;b\\*c$"),
        ("$\\text{@all}$", "&#36;\\text{@·all}$"),
        (
            "$[bank](https://evil.example)$",
            "&#36;[bank](https://evil.example)$",
        ),
        ("`$x$` costs $5 or $10", "`$x$` costs &#36;5 or $10"),
        ("```latex\n$x$\n```", "```latex\n$x$\n```"),
        ("&#36;x$", "&#36;x$"),
    ] {
        assert_eq!(tame(text).replace(ZERO_WIDTH_SPACE, "·"), tamed);
        let again = tame(&tame(text)) == tame(text);
        assert!(again || text.contains('@'), "{text}");
    }
}

#[test]
fn what_would_notify_is_taken_apart() {
    for (text, tamed) in [
        ("@all", "@·all"),
        ("- **@ann**", "- **@·ann**"),
        ("a_@here", "a_@·here"),
        ("`@all", r"\`@·all"),
        ("`a\n@all`", "\\`a\n@·all\\`"),
        ("[@all](https://x.org)", "[@·all](https://x.org)"),
        ("&#64;all", "&amp;#64;all"),
        ("<!channel>", "&lt;!channel>"),
        ("medium.com/@all", "medium.com·/@·all"),
        ("npmjs.com/@types/node", "npmjs.com·/@·types/node"),
        ("| `a|@all` |", "| `a|@·all` |"),
        ("(https://x.org)`a @all`", "(https://x.org) `a @all`"),
        (
            "https://x.org\u{a0}`a @all`",
            "https://x.org\u{a0} `a @all`",
        ),
        ("awww.x.org`a` `@all b`", "awww.x.org `a` `@all b`"),
        ("x.org/a`b` ./`c` d/`e`", "x.org/a `b` ./`c` d/`e`"),
    ] {
        assert_eq!(tame(text).replace(ZERO_WIDTH_SPACE, "·"), tamed);
    }
}

#[test]
fn what_would_trick_is_taken_apart() {
    for (text, tamed) in [
        (
            "![x](https://evil.org/x.png)",
            r"\![x](https://evil.org/x.png)",
        ),
        (
            "[https://bank.example](https://evil.org)",
            r"\[<https://bank.example>](https://evil.org)",
        ),
        (
            "[**bank.example**](https://evil.org)",
            r"\[**bank.example**](https://evil.org)",
        ),
        (
            "[bank\u{ff0e}example](https://evil.org)",
            "\\[bank\u{ff0e}example](https://evil.org)",
        ),
        (
            "[www.bank.example/login](https://evil.org)",
            r"\[<http://www.bank.example/login>](https://evil.org)",
        ),
        (
            "[https://bank.example](https://bank.example@evil.org)",
            r"\[<https://bank.example>](https://bank.example@evil.org)",
        ),
        (
            "[ann@x.org](https://evil.org)",
            r"\[ann@x.org](https://evil.org)",
        ),
        ("[x](javascript:alert)", r"\[x](javascript:alert)"),
        (
            "[bank.example](<https://evil.org> 'x')",
            r"\[bank.example](<https://evil.org> 'x')",
        ),
        (
            "<https://npmjs.com/package/@types/node>",
            "<https://npmjs.com/package/%40types/node>",
        ),
        ("[a]: https://evil.org", r"\[a]: https://evil.org"),
        ("[a:](https://evil.org)", r"\[a:](https://evil.org)"),
        (
            ":`( ![x](https://evil.org/x.png)`",
            ": `( ![x](https://evil.org/x.png)`",
        ),
        (
            "-`a@x.org ![x](https://evil.org/x.png)` (`a@x.org`)",
            "- `a@x.org ![x](https://evil.org/x.png)` (`a@x.org`)",
        ),
        // Apps would take the backslashes for the links' ends.
        (
            "x.org/a[bank.example](https://evil.org)",
            "x.org\u{200b}/a\\[bank.example](https://evil.org)",
        ),
        (
            "www.x.org.[bank.example](https://evil.org)",
            r"<http://www.x.org>.\[bank.example](https://evil.org)",
        ),
        (
            r"\https://x.org[bank.example](https://evil.org)",
            r"\\<https://x.org>\[bank.example](https://evil.org)",
        ),
        (
            "[![x](https://evil.org/x.png)](https://y.org)",
            r"\[\![x](https://evil.org/x.png)](https://y.org)",
        ),
    ] {
        assert_eq!(tame(text), tamed);
    }
}

#[test]
fn what_is_open_is_closed_or_shown_as_it_is() {
    for (text, tamed) in [
        ("```\nlet", "```\nlet\n```"),
        ("````\n```\na", "````\n```\na\n````"),
        ("- a\n  ```\n  b\n  ```\nc", "- a\n\n```\nb\n```\nc"),
        ("**a", r"\*\*a"),
        ("a ** b", r"a \*\* b"),
        ("~~a", r"\~\~a"),
        ("2 _a", r"2 \_a"),
        ("``a`", r"\`\`a\`"),
        ("**a\n\nb**", "\\*\\*a\n\nb\\*\\*"),
        ("**a\n- b**", "\\*\\*a\n- b\\*\\*"),
        ("**a `b\nc` d**", "**a \\`b\nc\\` d**"),
        ("***a", r"\*\*\*a"),
        ("$a\nb$", "$a\nb$"),
        ("", ""),
    ] {
        assert_eq!(tame(text), tamed);
    }
}

#[test]
fn code_stays_as_it_was_typed_wherever_it_stands() {
    for (text, tamed) in [
        ("    @all *b*", "```\n@all *b*\n```"),
        (
            "a\n\n    @all\n\n      *b\nc",
            "a\n\n```\n@all\n\n  *b\n```\nc",
        ),
        ("a\n    @all", "a\n    @·all"),
        ("- ```\n  @all\n  ```", "- ·\n\n```\n@all\n```"),
        (
            "1. a\n   ```sh\n   ls *\n\n   # b\n   ```\n2. c",
            "1. a\n\n```sh\nls *\n\n# b\n```\n2. c",
        ),
        (
            "10. a\n    ```\n      b_\n    ```",
            "10. a\n\n```\n  b_\n```",
        ),
        ("- a\n\n      @all\n  b", "- a\n\n```\n@all\n```\nb"),
        ("- a\n      @all", "- a\n      @·all"),
        (
            "- a\n  - b\n    ~~~\n    *c\n    ~~~\n    d\n  - e",
            "- a\n  - b\n\n~~~\n*c\n~~~\nd\n- e",
        ),
        (
            "-\ta\n\n\t```\n\t@all\n\t```\n\tb",
            "-\ta\n\n```\n@all\n```\nb",
        ),
        (
            "> a\n> ```\n> @all\n>\n> > *b\n> ```\n> c",
            "> a\n>\n> ```\n> @all\n>\n> > *b\n> ```\n> c",
        ),
        ("> ```\n> @all\n@all", "> ```\n> @all\n> ```\n\n@·all"),
        (
            ">     @all\n> > ~~~\n> > *\n> b",
            "> ```\n> @all\n> ```\n>\n> > ~~~\n> > *\n> > ~~~\n>\n> b",
        ),
        (
            "> - ```\n>   @all\n>   ```\n>   b",
            "> - ·\n>\n> ```\n> @all\n> ```\n> b",
        ),
        ("- > ```\n  > @all\n  b", "- ·\n\n> ```\n> @all\n> ```\n\nb"),
        (
            "10. > ```\n    > @all\n    > ```\n    > b",
            "10. ·\n\n> ```\n> @all\n> ```\n> b",
        ),
        (
            "- `@all` *b*\n> `*@all`\n> 1. `[`",
            "- `@all` *b*\n> `*@all`\n> 1. `[`",
        ),
        ("- a\n```\n<b>\n```", "- a\n\n```\n<b>\n```"),
        ("<pre>\n\n```\n[a]: b\n```", "&lt;pre>\n\n```\n[a]: b\n```"),
    ] {
        assert_eq!(tame(text).replace(ZERO_WIDTH_SPACE, "·"), tamed);
    }
}

#[test]
fn what_is_no_code_for_everybody_is_taken_apart() {
    for (text, tamed) in [
        (
            "- ```\n  a\n@all\n  ```",
            "- ·\n\n```\na\n```\n@·all\n\n```\n```",
        ),
        (
            "> ```\n@all\n> ```",
            "> ```\n> ```\n\n@·all\n\n> ```\n> ```",
        ),
        ("~~~ a ~~~\n@all", "\\~\\~\\~ a \\~\\~\\~\n@·all"),
        ("~~~a`b\n@all", "\\~\\~\\~a\\`b\n@·all"),
        ("~~~\na~~~b~~~", "~~~\na~~~b~~~\n~~~"),
        ("```a~\n@all", "\\`\\`\\`a~\n@·all"),
        // The web client takes these lines for the end.
        ("```\n```~\n@all\n```", "````\n```~\n@all\n````"),
        ("```\n\u{a0}```\n@all\n```", "````\n\u{a0}```\n@all\n````"),
        ("```\na\u{2424}```\u{2424}@all", "```\na\n```\n@·all"),
        ("- a\n- \n  \n    ", "- a\n-"),
        ("- a\n-      \n     \nb", "- a\n- ·\n\nb"),
        ("> a\n> \n> b", "> a\n> \n> b"),
    ] {
        assert_eq!(tame(text).replace(ZERO_WIDTH_SPACE, "·"), tamed);
    }
}

#[test]
fn a_quote_keeps_its_lines_and_cannot_be_left() {
    assert_eq!(quote("\n    @all\n\nb\n"), "> ```\n> @all\n> ```\n>\n> b");
    assert_eq!(quote("- ```\n  a"), "> - \u{200b}\n>\n> ```\n> a\n> ```");
    assert_eq!(quote("a\r\n\n> b\n@all"), "> a\n>\n> > b\n> @\u{200b}all");
    assert_eq!(quote("```\na\n\nb"), "> ```\n> a\n>\n> b\n> ```");
    assert_eq!(quote(" \n"), "");
}

#[test]
fn in_bold_stars_are_not_within_stars() {
    assert_eq!(tame_bold("Pizza"), "**Pizza**");
    assert_eq!(
        tame_bold("`a` https://x.org/a_b"),
        "**`a` https://x.org/a_b**"
    );
    assert_eq!(tame_bold("a *b*"), "a *b*");
    assert_eq!(tame_bold("a\n```"), r"**a \`\`\`**");
    assert_eq!(tame_bold(""), "");
}

#[test]
fn what_is_in_bold_is_one_line_and_no_block() {
    for (text, tamed) in [
        ("```js", r"**\`\`\`js**"),
        ("~~~", r"**\~\~\~**"),
        ("***", r"\*\*\*"),
        ("* * *", r"\* * \*"),
        ("- - -", r"**\- - -**"),
        ("---", r"**\---**"),
        ("-", r"**\-**"),
        ("___", r"**\_\_\_**"),
        ("# *a*", r"\# *a*"),
        ("> *a*", r"\> *a*"),
        ("- *a*", r"\- *a*"),
        ("+ *a*", r"\+ *a*"),
        ("10. *a*", r"10\. *a*"),
        ("1) *a*", r"1\) *a*"),
        ("1.5 *a*", "1.5 *a*"),
        ("#a *b*", "#a *b*"),
        ("-5 *b*", "-5 *b*"),
        ("# a", "**# a**"),
    ] {
        assert_eq!(tame_bold(text), tamed);
    }
}

#[test]
fn balanced_brackets_belong_to_an_address_and_make_no_other_link() {
    for text in [
        "https://x.org/a_b_c/@x?y=[1]",
        "- see https://x.org/?y=[1], **or** https://x.org/?y[]=2",
    ] {
        assert_eq!(tame(text), text);
        let line = text.trim_start_matches("- ").replace("**", "");
        assert_eq!(crate::skill::escape(&line), line);
    }
    for (text, tamed) in [
        (
            "[bank.org https://x.org/?y=[1]](https://evil.org)",
            r"\[bank.org <https://x.org/?y=>\[1]](https://evil.org)",
        ),
        (
            "https://x.org/?y=[1](https://evil.org)",
            r"<https://x.org/?y=>\[1](https://evil.org)",
        ),
        (
            "https://x.org/?y=[1]-[2](https://evil.org)",
            r"<https://x.org/?y=[1]->\[2](https://evil.org)",
        ),
    ] {
        assert_eq!(tame(text), tamed);
    }
}

/// Random texts of what has a meaning: whatever they come to, no mention stands outside of code,
/// no image anywhere, and all code is closed.
#[test]
fn no_mention_and_no_image_survives_whatever_is_around_it() {
    const PIECES: [&str; 49] = [
        "https://x.org/?y=[1]",
        "@all",
        "@",
        "a",
        " ",
        "\n",
        "\n\n",
        "*",
        "**",
        "_",
        "~~",
        "`",
        "``",
        "```\n",
        "~~~\n",
        "[",
        "]",
        "(",
        ")",
        "![",
        "](https://evil.org)",
        "![i](https://evil.org/i)",
        "https://x.org/@all",
        "x.org/@all",
        "www.",
        "<",
        ">",
        "<!here>",
        "|",
        "\\",
        "&#64;",
        ";",
        "#",
        "- ",
        "> ",
        "    ",
        ":",
        ".",
        "-",
        "slack://@all",
        "x@y.org",
        "\n- ",
        "\n> ",
        "\n10. ",
        "\n  ```\n",
        "\n> ```\n",
        "\n\n      ",
        "\t",
        "\u{2424}",
    ];
    let mut random = fastrand::Rng::with_seed(1);
    for _ in 0..20_000 {
        let count = random.usize(1..12);
        let text: String = (0..count)
            .map(|_| PIECES[random.usize(..PIECES.len())])
            .collect();
        let tamed = tame(&text);
        let mut fence = None;
        for line in tamed.lines() {
            let bare = line.trim_start_matches(['>', ' ']);
            let letter = bare.chars().next().unwrap_or_default();
            let info = bare.trim_start_matches(letter);
            let opens = bare.starts_with("~~~") || bare.starts_with("```") && !info.contains('`');
            match &fence {
                Some(end) if *end == line => fence = None,
                Some(_) => {}
                None if opens => {
                    assert!(!info.contains(['`', '~']), "{text:?}: {tamed:?}");
                    fence = Some(line[..line.len() - info.len()].to_owned());
                }
                None => assert_harmless(&text, line),
            }
        }
        assert_eq!(fence, None, "{text:?}: {tamed:?}");
    }
}

fn assert_harmless(text: &str, line: &str) {
    let mut rest = line;
    let mut said = String::new();
    while let Some(run) = tick_runs(rest).next() {
        let escaped = rest[..run.start].ends_with('\\');
        let ticks = run.len();
        let end = tick_runs(&rest[run.start..]).find(|end| end.start > 0 && end.len() == ticks);
        said.push_str(&rest[..run.start]);
        rest = match end {
            Some(end) if !escaped => &rest[run.start + end.end..],
            _ => &rest[run.end..],
        };
    }
    said.push_str(rest);
    for word in said.split(char::is_whitespace) {
        let at = word.find("@all");
        let linked = at.is_some_and(|at| word[..at].contains("://"));
        let joined = at.is_some_and(|at| word[..at].ends_with(char::is_alphanumeric));
        assert!(at.is_none() || linked || joined, "{text:?}: {line:?}");
    }
    let image = said
        .match_indices("![")
        .any(|(at, _)| !said[..at].ends_with('\\'));
    assert!(!image || !said.contains("]("), "{text:?}: {line:?}");
}
