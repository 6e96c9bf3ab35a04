//! The body of an HCL block as far as its values are literal: attributes with
//! their JSON value, and nested blocks. Everything else is passed over by
//! counting brackets.

use serde_json::{Map, Value};

use super::token::Token;

/// Blocks and values deeper than this are passed over: no backend nests so far.
const DEEPEST: usize = 16;
/// No block of Terraform's language has more.
const MOST_LABELS: usize = 3;

/// A block and what stands in it.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) kind: String,
    pub(super) labels: Vec<String>,
    /// Attributes with a literal value.
    pub(super) attributes: Map<String, Value>,
    pub(super) blocks: Vec<Block>,
}

impl Block {
    /// The attributes, with each nested block as an object among them.
    pub(super) fn into_attributes(self) -> Map<String, Value> {
        let mut attributes = self.attributes;
        for block in self.blocks {
            attributes.insert(block.kind.clone(), Value::Object(block.into_attributes()));
        }
        attributes
    }
}

/// The top-level blocks of a kind; the bodies of others are passed over.
pub(super) fn blocks_of_kind(tokens: &[Token], kind: &str) -> Vec<Block> {
    let mut cursor = Cursor { tokens, at: 0 };
    let mut blocks = Vec::new();
    while cursor.peek().is_some() {
        match cursor.heading() {
            Some((found, labels)) if found == kind => blocks.push(cursor.body(found, labels, 0)),
            Some(_) => cursor.skip_body(),
            None => cursor.at += 1,
        }
    }
    blocks
}

struct Cursor<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<&'a Token> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    fn skip_newlines(&mut self) {
        while self.peek() == Some(&Token::Mark('\n')) {
            self.at += 1;
        }
    }

    /// `kind "label" {`, consumed whole; nothing is consumed where it is something else.
    fn heading(&mut self) -> Option<(String, Vec<String>)> {
        let Some(Token::Word(kind)) = self.peek() else {
            return None;
        };
        let rest = &self.tokens[self.at + 1..];
        let labels: Vec<String> = rest.iter().take(MOST_LABELS).map_while(label).collect();
        if rest.get(labels.len()) != Some(&Token::Mark('{')) {
            return None;
        }
        self.at += labels.len() + 2;
        Some((kind.clone(), labels))
    }

    /// A block's body, from behind its opening brace to behind its closing one.
    fn body(&mut self, kind: String, labels: Vec<String>, depth: usize) -> Block {
        let mut block = Block {
            kind,
            labels,
            ..Block::default()
        };
        while let Some(token) = self.peek() {
            if *token == Token::Mark('}') {
                self.at += 1;
                break;
            }
            if let Some((kind, labels)) = self.heading() {
                if depth < DEEPEST {
                    block.blocks.push(self.body(kind, labels, depth + 1));
                } else {
                    self.skip_body();
                }
            } else if let Some((name, value)) = self.attribute() {
                block.attributes.extend(value.map(|value| (name, value)));
            } else {
                self.at += 1;
            }
        }
        block
    }

    /// `name = value` to the end of its line; the value is none where it is not literal.
    fn attribute(&mut self) -> Option<(String, Option<Value>)> {
        let (Token::Word(name) | Token::Text(name)) = self.peek()? else {
            return None;
        };
        if !matches!(self.tokens.get(self.at + 1), Some(Token::Mark('=' | ':'))) {
            return None;
        }
        self.at += 2;
        Some((name.clone(), self.value(0)))
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        let value = self.literal(depth);
        match self.peek() {
            None | Some(Token::Mark('\n' | ',' | '}' | ']')) => value,
            Some(_) => {
                self.skip_expression();
                None
            }
        }
    }

    fn literal(&mut self, depth: usize) -> Option<Value> {
        if depth >= DEEPEST {
            return None;
        }
        match self.peek()? {
            Token::Mark('[') => {
                self.at += 1;
                self.list(depth)
            }
            Token::Mark('{') => {
                self.at += 1;
                self.object(depth)
            }
            Token::Mark(_) => None,
            token => {
                self.at += 1;
                scalar(token)
            }
        }
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        let mut items = Some(Vec::new());
        loop {
            self.skip_newlines();
            match self.peek()? {
                Token::Mark(']') => {
                    self.at += 1;
                    return items.map(Value::Array);
                }
                Token::Mark(',') => self.at += 1,
                Token::Mark('}') => return None,
                _ => {
                    let item = self.value(depth + 1);
                    items = items.zip(item).map(|(mut items, item)| {
                        items.push(item);
                        items
                    });
                }
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let mut map = Map::new();
        loop {
            self.skip_newlines();
            match self.peek()? {
                Token::Mark('}') => {
                    self.at += 1;
                    return Some(Value::Object(map));
                }
                Token::Mark(']') => return None,
                Token::Word(name) | Token::Text(name)
                    if matches!(self.tokens.get(self.at + 1), Some(Token::Mark('=' | ':'))) =>
                {
                    self.at += 2;
                    map.extend(self.value(depth + 1).map(|value| (name.clone(), value)));
                }
                _ => self.at += 1,
            }
        }
    }

    /// Passes over the rest of an expression: to the end of its line, its list or its object.
    fn skip_expression(&mut self) {
        let mut open = 0usize;
        while let Some(token) = self.peek() {
            match token {
                Token::Mark('(' | '[' | '{') => open += 1,
                Token::Mark('\n' | ',' | ']' | '}') if open == 0 => return,
                Token::Mark(')' | ']' | '}') => open = open.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
        }
    }

    fn skip_body(&mut self) {
        let mut open = 1usize;
        while open > 0 {
            match self.next() {
                Some(Token::Mark('{')) => open += 1,
                Some(Token::Mark('}')) => open -= 1,
                Some(_) => {}
                None => return,
            }
        }
    }
}

fn label(token: &Token) -> Option<String> {
    match token {
        Token::Word(label) | Token::Text(label) => Some(label.clone()),
        Token::Template | Token::Number(_) | Token::Mark(_) => None,
    }
}

fn scalar(token: &Token) -> Option<Value> {
    match token {
        Token::Text(text) => Some(Value::String(text.clone())),
        Token::Number(number) => number.parse().ok().map(Value::Number),
        Token::Word(word) => match word.as_str() {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            "null" => Some(Value::Null),
            _ => None,
        },
        Token::Template | Token::Mark(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::token::tokens;
    use super::*;

    fn terraform(source: &str) -> Vec<Block> {
        blocks_of_kind(&tokens(source), "terraform")
    }

    fn attributes(body: &str) -> Value {
        let mut blocks = terraform(&format!("terraform {{\n{body}\n}}"));
        Value::Object(blocks.remove(0).into_attributes())
    }

    #[test]
    fn literal_values_are_read_and_expressions_passed_over() {
        assert_eq!(
            attributes(
                "a = \"x\"\nb = true\nc = [\"y\", 2]\nd = var.d\ne = f(\n  1,\n  {}\n)\ng = \"h\""
            ),
            json!({"a": "x", "b": true, "c": ["y", 2], "g": "h"})
        );
    }

    #[test]
    fn a_conditional_is_not_taken_for_its_first_literal() {
        assert_eq!(
            attributes("a = true ? \"x\" : \"y\"\nb = \"z\""),
            json!({"b": "z"})
        );
        assert_eq!(attributes("a = [\"x\", var.y]\nb = 1"), json!({"b": 1}));
    }

    #[test]
    fn nested_objects_and_blocks_are_objects() {
        assert_eq!(
            attributes(
                "endpoints = {\n s3 = \"u\", sts: \"v\"\n}\nassume_role { role_arn = \"r\" }"
            ),
            json!({"endpoints": {"s3": "u", "sts": "v"}, "assume_role": {"role_arn": "r"}})
        );
    }

    #[test]
    fn other_blocks_do_not_leak_their_contents() {
        let found = terraform(
            "resource \"x\" \"terraform\" {\n terraform { a = 1 }\n}\nterraform {}\nlocals { b = { c = 1 } }",
        );
        assert_eq!(found.len(), 1);
        assert!(found[0].attributes.is_empty());
    }

    #[test]
    fn deep_nesting_and_missing_braces_are_survived() {
        terraform(&format!("terraform {{ a = {}", "[".repeat(100_000)));
        terraform(&format!("terraform {}", "{ a ".repeat(100_000)));
        terraform(&format!("terraform {{ a = {}", "{ b = ".repeat(100_000)));
        terraform("terraform { a = ");
        terraform("terraform { a = [ ) * ] b = { ] } c = ) }");
        terraform(&"a ".repeat(100_000));
    }
}
