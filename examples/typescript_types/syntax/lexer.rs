//! From text to tokens. Nothing is allocated here: a token is a piece of the source.

use super::error::Error;

/// What a token is.
#[rustfmt::skip]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The end of the source.
    End,
    // Words. Most of those that mean something here and there are names everywhere else.
    Name,
    Abstract, As, Asserts, Bigint, Any, Boolean, Class, Const, Declare, Default, Enum, Export, Extends, False,
    Function, Get, Global, Implements, Import, In, Infer, Interface, Intrinsic, Is, Keyof, Let, Module, Namespace,
    Never, New, NullWord, NumberWord, Object, Out, Override, Private, Protected, Public, Readonly, Set, Static,
    StringWord, Symbol, This, True, Type, Typeof, Undefined, Unique, Unknown, Var, Void,
    // Literals, as they are written, with their quotes.
    Text, Number, Bigger,
    /// A template literal up to its first `${`, or to its end.
    Template,
    // Marks.
    OpenParen, CloseParen, OpenBracket, CloseBracket, OpenBrace, CloseBrace, Less, Greater,
    Comma, Semicolon, Colon, Question, Dot, Ellipsis, Pipe, Ampersand, Equals, Arrow, Plus, Minus, Star,
}

impl Kind {
    /// Whether it is a word, as any property may be called.
    pub fn is_word(self) -> bool {
        self as u8 >= Kind::Name as u8 && self as u8 <= Kind::Void as u8
    }

    /// Whether types, parameters and the like may be called so.
    pub fn is_name(self) -> bool {
        use Kind::*;
        let is_reserved = matches!(
            self,
            Class
                | Const
                | Default
                | Enum
                | Export
                | Extends
                | False
                | Function
                | Import
                | In
                | New
                | NullWord
                | This
                | True
                | Typeof
                | Var
                | Void
        );
        self.is_word() && !is_reserved
    }
}

/// A piece of the source. Its place is counted in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Token {
    pub kind: Kind,
    /// Whether a line ended between the token before and this one.
    pub follows_newline: bool,
    pub start: u32,
    pub end: u32,
}

impl Token {
    pub const NONE: Self = Token {
        kind: Kind::End,
        follows_newline: true,
        start: 0,
        end: 0,
    };
}

/// A place in a source. To look ahead, go on with a copy.
#[derive(Clone, Copy)]
pub struct Lexer<'s> {
    source: &'s str,
    position: usize,
}

impl<'s> Lexer<'s> {
    pub fn new(source: &'s str) -> Result<Self, Error> {
        if u32::try_from(source.len()).is_err() {
            return Err(Error::at(source, 0, "a source has less than 4 GiB"));
        }
        // A byte order mark says nothing here.
        let position = if source.starts_with('\u{FEFF}') { 3 } else { 0 };
        Ok(Lexer { source, position })
    }

    pub fn source(&self) -> &'s str {
        self.source
    }

    /// The byte that is so far ahead, or 0 behind the end.
    #[inline(always)]
    fn byte(&self, ahead: usize) -> u8 {
        let bytes = self.source.as_bytes();
        bytes.get(self.position + ahead).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'s str {
        &self.source[self.position..]
    }

    fn error<T>(&self, offset: usize, message: &str) -> Result<T, Error> {
        Err(Error::at(self.source, offset, message))
    }

    /// The next token, behind spaces and comments.
    pub fn next(&mut self) -> Result<Token, Error> {
        let follows_newline = self.skip_to_token()?;
        let start = self.position;
        let kind = self.kind()?;
        Ok(Token {
            kind,
            follows_newline,
            start: start as u32,
            end: self.position as u32,
        })
    }

    /// Answers whether there was the end of a line.
    fn skip_to_token(&mut self) -> Result<bool, Error> {
        let mut newline = false;
        loop {
            match self.byte(0) {
                b' ' | b'\t' | 0x0B | 0x0C => self.position += 1,
                b'\n' | b'\r' => {
                    newline = true;
                    self.position += 1;
                }
                b'/' if self.byte(1) == b'/' => {
                    let rest = &self.source.as_bytes()[self.position..];
                    let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
                    self.position += end.unwrap_or(rest.len());
                }
                b'/' if self.byte(1) == b'*' => {
                    let start = self.position;
                    self.position += 2;
                    while self.byte(0) != b'*' || self.byte(1) != b'/' {
                        newline |= matches!(self.byte(0), b'\n' | b'\r');
                        self.position += 1;
                        if self.position >= self.source.len() {
                            return self.error(start, "this comment has no end");
                        }
                    }
                    self.position += 2;
                }
                byte if byte >= 0x80 => match self.rest().chars().next() {
                    Some(other) if other.is_whitespace() || other == '\u{FEFF}' => {
                        newline |= matches!(other, '\u{2028}' | '\u{2029}');
                        self.position += other.len_utf8();
                    }
                    _ => return Ok(newline),
                },
                _ => return Ok(newline),
            }
        }
    }

    fn kind(&mut self) -> Result<Kind, Error> {
        let byte = self.byte(0);
        let (kind, length) = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' | 0x80.. => return self.word(),
            b'0'..=b'9' => return self.number(),
            b'.' if self.byte(1).is_ascii_digit() => return self.number(),
            b'"' | b'\'' => return self.text(byte),
            b'`' => {
                self.position += 1;
                self.template_piece()?;
                return Ok(Kind::Template);
            }
            b'#' if is_start_of_word(self.byte(1)) => {
                self.position += 1;
                self.word()?;
                return Ok(Kind::Name);
            }
            b'(' => (Kind::OpenParen, 1),
            b')' => (Kind::CloseParen, 1),
            b'[' => (Kind::OpenBracket, 1),
            b']' => (Kind::CloseBracket, 1),
            b'{' => (Kind::OpenBrace, 1),
            b'}' => (Kind::CloseBrace, 1),
            b'<' => (Kind::Less, 1),
            b'>' => (Kind::Greater, 1),
            b',' => (Kind::Comma, 1),
            b';' => (Kind::Semicolon, 1),
            b':' => (Kind::Colon, 1),
            b'?' => (Kind::Question, 1),
            b'|' => (Kind::Pipe, 1),
            b'&' => (Kind::Ampersand, 1),
            b'+' => (Kind::Plus, 1),
            b'-' => (Kind::Minus, 1),
            b'*' => (Kind::Star, 1),
            b'.' if self.byte(1) == b'.' && self.byte(2) == b'.' => (Kind::Ellipsis, 3),
            b'.' => (Kind::Dot, 1),
            b'=' if self.byte(1) == b'>' => (Kind::Arrow, 2),
            b'=' => (Kind::Equals, 1),
            _ => {
                return match self.rest().chars().next() {
                    None => Ok(Kind::End),
                    Some(other) => self.error(
                        self.position,
                        &format!("the character {other:?} has no meaning here"),
                    ),
                };
            }
        };
        self.position += length;
        Ok(kind)
    }

    fn word(&mut self) -> Result<Kind, Error> {
        let start = self.position;
        loop {
            while is_part_of_word(self.byte(0)) {
                self.position += 1;
            }
            if self.byte(0) < 0x80 {
                break;
            }
            match self.rest().chars().next() {
                Some(letter) if letter.is_alphanumeric() => self.position += letter.len_utf8(),
                Some(other) if self.position == start => {
                    let message = format!("the character {other:?} has no meaning here");
                    return self.error(start, &message);
                }
                _ => break,
            }
        }
        let word = &self.source.as_bytes()[start..self.position];
        // No word of the language has another length, or begins otherwise.
        let can_mean = matches!(word.len(), 2..=10) && word[0].is_ascii_lowercase();
        Ok(if can_mean { meaning(word) } else { Kind::Name })
    }

    fn number(&mut self) -> Result<Kind, Error> {
        let start = self.position;
        let radix = match (self.byte(0), self.byte(1) | 0x20) {
            (b'0', b'x') => 16,
            (b'0', b'o') => 8,
            (b'0', b'b') => 2,
            _ => 10,
        };
        let mut is_whole = true;
        if radix == 10 {
            self.digits(10);
            if self.byte(0) == b'.' {
                is_whole = false;
                self.position += 1;
                self.digits(10);
            }
            if self.byte(0) | 0x20 == b'e' {
                is_whole = false;
                self.position += 1;
                if matches!(self.byte(0), b'+' | b'-') {
                    self.position += 1;
                }
                if self.digits(10) == 0 {
                    return self.error(start, "this number's exponent has no digits");
                }
            }
        } else {
            self.position += 2;
            if self.digits(radix) == 0 {
                return self.error(start, "this number has no digits");
            }
        }
        let is_big = is_whole && self.byte(0) == b'n';
        if is_big {
            self.position += 1;
        }
        if is_part_of_word(self.byte(0)) || self.byte(0) >= 0x80 {
            return self.error(
                start,
                "this number ends in a letter or in a digit too large",
            );
        }
        Ok(if is_big { Kind::Bigger } else { Kind::Number })
    }

    /// Answers how many bytes there were.
    fn digits(&mut self, radix: u32) -> usize {
        let start = self.position;
        while self.byte(0) == b'_' || char::from(self.byte(0)).is_digit(radix) {
            self.position += 1;
        }
        self.position - start
    }

    fn text(&mut self, quote: u8) -> Result<Kind, Error> {
        let start = self.position;
        self.position += 1;
        loop {
            match self.byte(0) {
                byte if byte == quote => {
                    self.position += 1;
                    return Ok(Kind::Text);
                }
                b'\\' => self.skip_escaped(),
                b'\n' | b'\r' => return self.error(start, "this text has no end on its line"),
                0 if self.rest().is_empty() => return self.error(start, "this text has no end"),
                _ => self.position += 1,
            }
        }
    }

    /// A backslash with what follows it.
    fn skip_escaped(&mut self) {
        self.position += 1;
        let escaped = self.rest().chars().next();
        self.position += escaped.map_or(0, char::len_utf8);
    }

    /// Goes on to behind the next `${` of a template literal, or to behind its end. Answers where the text ends, and
    /// whether the literal does.
    pub fn template_piece(&mut self) -> Result<(usize, bool), Error> {
        let start = self.position;
        loop {
            let end = self.position;
            match self.byte(0) {
                b'`' => {
                    self.position += 1;
                    return Ok((end, true));
                }
                b'$' if self.byte(1) == b'{' => {
                    self.position += 2;
                    return Ok((end, false));
                }
                b'\\' => self.skip_escaped(),
                0 if self.rest().is_empty() => {
                    return self.error(start, "this template has no end");
                }
                _ => self.position += 1,
            }
        }
    }

    pub fn position(&self) -> usize {
        self.position
    }
}

fn is_start_of_word(byte: u8) -> bool {
    byte >= 0x80 || (is_part_of_word(byte) && !byte.is_ascii_digit())
}

#[inline(always)]
fn is_part_of_word(byte: u8) -> bool {
    const TABLE: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0;
        while byte < 128 {
            let letter = byte as u8;
            table[byte] = letter.is_ascii_alphanumeric() || letter == b'_' || letter == b'$';
            byte += 1;
        }
        table
    };
    TABLE[byte as usize]
}

/// What a word means where it means something.
fn meaning(word: &[u8]) -> Kind {
    match word {
        b"abstract" => Kind::Abstract,
        b"any" => Kind::Any,
        b"as" => Kind::As,
        b"asserts" => Kind::Asserts,
        b"bigint" => Kind::Bigint,
        b"boolean" => Kind::Boolean,
        b"class" => Kind::Class,
        b"const" => Kind::Const,
        b"declare" => Kind::Declare,
        b"default" => Kind::Default,
        b"enum" => Kind::Enum,
        b"export" => Kind::Export,
        b"extends" => Kind::Extends,
        b"false" => Kind::False,
        b"function" => Kind::Function,
        b"get" => Kind::Get,
        b"global" => Kind::Global,
        b"implements" => Kind::Implements,
        b"import" => Kind::Import,
        b"in" => Kind::In,
        b"infer" => Kind::Infer,
        b"interface" => Kind::Interface,
        b"intrinsic" => Kind::Intrinsic,
        b"is" => Kind::Is,
        b"keyof" => Kind::Keyof,
        b"let" => Kind::Let,
        b"module" => Kind::Module,
        b"namespace" => Kind::Namespace,
        b"never" => Kind::Never,
        b"new" => Kind::New,
        b"null" => Kind::NullWord,
        b"number" => Kind::NumberWord,
        b"object" => Kind::Object,
        b"out" => Kind::Out,
        b"override" => Kind::Override,
        b"private" => Kind::Private,
        b"protected" => Kind::Protected,
        b"public" => Kind::Public,
        b"readonly" => Kind::Readonly,
        b"set" => Kind::Set,
        b"static" => Kind::Static,
        b"string" => Kind::StringWord,
        b"symbol" => Kind::Symbol,
        b"this" => Kind::This,
        b"true" => Kind::True,
        b"type" => Kind::Type,
        b"typeof" => Kind::Typeof,
        b"undefined" => Kind::Undefined,
        b"unique" => Kind::Unique,
        b"unknown" => Kind::Unknown,
        b"var" => Kind::Var,
        b"void" => Kind::Void,
        _ => Kind::Name,
    }
}
