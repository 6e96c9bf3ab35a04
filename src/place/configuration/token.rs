//! The tokens of HCL, leniently: comments, heredocs and templates are passed
//! over, and any bytes give some tokens. What a template evaluates to is not
//! known here, so a text with an interpolation in it is no literal.

/// A token of an HCL file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    /// A quoted text, escapes resolved.
    Text(String),
    /// A heredoc, or a text with an interpolation: a value that is not known.
    Template,
    Number(String),
    /// One character of punctuation, or `\n`.
    Mark(char),
}

/// All tokens of a file.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut reader = Reader { rest: text };
    let mut tokens = Vec::new();
    while let Some(token) = reader.next_token() {
        tokens.push(token);
    }
    tokens
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn next_token(&mut self) -> Option<Token> {
        self.skip_blanks();
        let first = self.rest.chars().next()?;
        if first == '"' {
            self.rest = &self.rest[1..];
            return Some(self.quoted());
        }
        if let Some(marker) = heredoc_marker(self.rest) {
            self.skip_heredoc(marker);
            return Some(Token::Template);
        }
        if first.is_alphabetic() || first == '_' {
            let word = self.take(|c| c.is_alphanumeric() || c == '_' || c == '-');
            return Some(Token::Word(word.to_owned()));
        }
        if first.is_ascii_digit() {
            let number = self.take(|c| c.is_ascii_alphanumeric() || c == '.');
            return Some(Token::Number(number.to_owned()));
        }
        self.rest = &self.rest[first.len_utf8()..];
        Some(Token::Mark(first))
    }

    /// Passes over spaces and comments, but not over the end of a line.
    fn skip_blanks(&mut self) {
        loop {
            self.take(|c| c != '\n' && (c.is_whitespace() || c == '\u{feff}'));
            if self.rest.starts_with('#') || self.rest.starts_with("//") {
                self.take(|c| c != '\n');
            } else if let Some(body) = self.rest.strip_prefix("/*") {
                self.rest = body.find("*/").map_or("", |end| &body[end + 2..]);
            } else {
                return;
            }
        }
    }

    fn take(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !keep(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// A quoted text, from behind its first quote.
    fn quoted(&mut self) -> Token {
        let mut text = String::new();
        let mut known = true;
        while let Some(c) = self.next_char() {
            match c {
                '"' | '\n' => break,
                '\\' => text.extend(self.escape()),
                '$' | '%' if self.rest.starts_with('{') => {
                    known = false;
                    self.skip_interpolation();
                }
                '$' | '%' if self.rest.starts_with(&format!("{c}{{")) => {
                    self.rest = &self.rest[2..];
                    text.extend([c, '{']);
                }
                c => text.push(c),
            }
        }
        if known {
            Token::Text(text)
        } else {
            Token::Template
        }
    }

    fn next_char(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn escape(&mut self) -> Option<char> {
        match self.next_char()? {
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'u' => self.code_point(4),
            'U' => self.code_point(8),
            c => Some(c),
        }
    }

    fn code_point(&mut self, digits: usize) -> Option<char> {
        let code = self.rest.get(..digits)?;
        self.rest = &self.rest[digits..];
        char::from_u32(u32::from_str_radix(code, 16).ok()?)
    }

    /// Passes over `{ … }` with whatever texts and braces are nested in it.
    fn skip_interpolation(&mut self) {
        let mut open: Vec<char> = Vec::new();
        let mut before = ' ';
        while let Some(c) = self.next_char() {
            match (open.last(), c) {
                (Some('"'), '\\') => drop(self.next_char()),
                (Some('"'), '"') | (Some('{'), '}') => drop(open.pop()),
                (Some('"'), '{') if matches!(before, '$' | '%') => open.push('{'),
                (Some('"'), _) => {}
                (_, '"' | '{') => open.push(c),
                _ => {}
            }
            if open.is_empty() {
                return;
            }
            before = c;
        }
    }

    fn skip_heredoc(&mut self, marker: &str) {
        while let Some(end) = self.rest.find('\n') {
            self.rest = &self.rest[end + 1..];
            let line = self.rest.lines().next().unwrap_or_default();
            if line.trim() == marker {
                self.rest = &self.rest[line.len()..];
                return;
            }
        }
        self.rest = "";
    }
}

/// The word behind `<<` or `<<-`, where a heredoc begins.
fn heredoc_marker(text: &str) -> Option<&str> {
    let text = text.strip_prefix("<<")?;
    let text = text.strip_prefix('-').unwrap_or(text);
    let end = text
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    (end > 0).then(|| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Token {
        Token::Text(text.to_owned())
    }

    #[test]
    fn comments_and_heredocs_are_passed_over() {
        let source = "a # x\n// y\n/* z\n*/ b = <<-EOT\n  }\" ${x}\n  EOT\nc";
        let mark = Token::Mark;
        assert_eq!(
            tokens(source),
            [
                Token::Word("a".into()),
                mark('\n'),
                mark('\n'),
                Token::Word("b".into()),
                mark('='),
                Token::Template,
                mark('\n'),
                Token::Word("c".into()),
            ]
        );
    }

    #[test]
    fn a_text_with_an_interpolation_is_no_literal() {
        assert_eq!(
            tokens(r#""a${f("}\"${b}{")}c" "d""#),
            [Token::Template, text("d")]
        );
        assert_eq!(tokens(r#""$${a} 100%""#), [text("${a} 100%")]);
    }

    #[test]
    fn escapes_are_resolved() {
        assert_eq!(tokens(r#""a\"b\n\u00e9\\""#), [text("a\"b\né\\")]);
    }

    #[test]
    fn any_bytes_give_some_tokens() {
        let hostile = "\"${\"${ /* <<E\nü\u{0} \\uZZ \"\\u12é4 <<-\n <<EOT\n";
        for end in (0..=hostile.len()).filter(|end| hostile.is_char_boundary(*end)) {
            tokens(&hostile[..end]);
            tokens(&hostile[end..]);
        }
    }
}
