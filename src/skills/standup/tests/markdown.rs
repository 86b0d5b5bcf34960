use super::*;

#[tokio::test]
async fn markdown_stays_and_ends_with_its_answer() {
    let mut stage = begun().await;
    stage
        .tells(
            "ben",
            "- **a** [docs](https://example.org)\n- @all ![x](https://example.org/x.png)",
        )
        .await;
    stage.tells("ben", "```\nlet x = @y").await;
    stage.click("ann", "End now").await;
    let sum_up = stage.posts().remove(0);
    let list = "> - **a** [docs](https://example.org)\n> - @\u{200b}all \\![x](https://example.org/x.png)\n\n";
    let code = "> ```\n> let x = @y\n> ```\n\nNo answer: ann";
    assert!(sum_up.contains(list) && sum_up.contains(code), "{sum_up}");
}

/// What the channel reads when ben has answered the first question so, and nothing else.
async fn sum_up(posts: &[&str]) -> String {
    let settings = serde_json::json!({"questions": ["Done?"], "minutes": 30});
    let mut stage = Stage::new(skill(&table(settings)).unwrap()).people(&["ann", "ben"]);
    stage.scene("dev");
    stage.slash("ann", "/standup").await;
    for post in posts {
        stage.tells("ben", post).await;
    }
    stage.click("ann", "End now").await;
    stage.posts().remove(0)
}

#[tokio::test]
async fn quotes_and_lists_in_an_answer_end_with_it() {
    for (answer, quoted) in [
        ("> Done?\n\nYes", "> > Done?\n>\n> Yes"),
        ("> Done?\nYes", "> > Done?\n> Yes"),
        ("Yes\n> Done?", "> Yes\n> > Done?"),
        ("- a\n  > b\n- c", "> - a\n>   > b\n> - c"),
        (">", "> >"),
        ("-", "> -"),
        ("1. ", "> 1."),
        ("Tests\n---", "> Tests\n> ---"),
        ("# Tests", "> # Tests"),
        ("| a |\n|---|", "> | a |\n> |---|"),
        ("    ls *", "> ```\n> ls *\n> ```"),
        ("- ```\n  ls *", "> - \u{200b}\n>\n> ```\n> ls *\n> ```"),
        ("> ```\n> @all\nYes", "> > ```\n> > @all\n> > ```\n>\n> Yes"),
    ] {
        assert_eq!(
            sum_up(&[answer]).await,
            format!("**Standup of dev**\n\n**ben**\n\nDone?\n{quoted}\n\nNo answer: ann")
        );
    }
}
