//! What a terminal sends for a key, under the names that the footer uses.

/// The bytes of one key; a name of one character is that character's key.
pub fn key_bytes(key: &str) -> String {
    let sequence = match key {
        "enter" => "\r",
        // As terminals with the newer protocol say it: a bare escape byte and
        // the key typed right after it would be read as one key with alt.
        "esc" => "\x1b[27u",
        "tab" => "\t",
        "shift-tab" => "\x1b[Z",
        "space" => " ",
        "backspace" => "\x7f",
        "up" => "\x1b[A",
        "down" => "\x1b[B",
        "right" => "\x1b[C",
        "left" => "\x1b[D",
        "home" => "\x1b[H",
        "end" => "\x1b[F",
        "pgup" => "\x1b[5~",
        "pgdn" => "\x1b[6~",
        "del" => "\x1b[3~",
        other => return control(other).unwrap_or_else(|| single(other)),
    };
    sequence.to_owned()
}

/// `ctrl-a` is byte 1, and so on.
fn control(key: &str) -> Option<String> {
    let letter = key.strip_prefix("ctrl-")?.chars().next()?;
    Some(char::from(u8::try_from(letter).ok()? & 0x1f).to_string())
}

fn single(key: &str) -> String {
    assert_eq!(key.chars().count(), 1, "no key is called {key:?}");
    key.to_owned()
}
