//! From text to tokens. Nothing is allocated here: a token is a piece of the source.

use super::error::Error;

/// What a token is.
#[rustfmt::skip]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The end of the source.
    End,
    /// There is no token: the source is wrong here.
    Wrong,
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
    /// Whether a line ended between the last two tokens.
    follows_newline: bool,
}

impl<'s> Lexer<'s> {
    pub fn new(source: &'s str) -> Result<Self, Error> {
        if u32::try_from(source.len()).is_err() {
            return Err(Error::at(source, 0, "a source has less than 4 GiB"));
        }
        // A byte order mark says nothing here.
        let position = if source.starts_with('\u{FEFF}') { 3 } else { 0 };
        Ok(Lexer {
            source,
            position,
            follows_newline: false,
        })
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

    #[cold]
    fn error<T>(&self, offset: usize, message: &str) -> Result<T, Error> {
        Err(Error::at(self.source, offset, message))
    }

    /// The next token, behind spaces and comments.
    #[inline]
    pub fn next(&mut self) -> Result<Token, Error> {
        let (kind, start) = self.scan();
        if kind == Kind::Wrong {
            return Err(self.fault());
        }
        Ok(Token {
            kind,
            follows_newline: self.follows_newline,
            start,
            end: self.position as u32,
        })
    }

    /// What the next token is, and where it begins. This is where a parser's time goes, so what it answers fits into
    /// registers; what is wrong with a source is found out by reading it once more.
    fn scan(&mut self) -> (Kind, u32) {
        let from = self.position;
        self.try_scan().unwrap_or_else(|_| {
            self.position = from;
            (Kind::Wrong, 0)
        })
    }

    #[cold]
    fn fault(&mut self) -> Error {
        (self.try_scan()).expect_err("the source is as wrong as before")
    }

    #[inline(always)]
    fn try_scan(&mut self) -> Result<(Kind, u32), Error> {
        self.follows_newline = self.skip_to_token()?;
        let start = self.position as u32;
        Ok((self.kind()?, start))
    }

    /// Answers whether there was the end of a line.
    #[inline(always)]
    fn skip_to_token(&mut self) -> Result<bool, Error> {
        let bytes = self.source.as_bytes();
        let mut newline = false;
        while let Some(&byte) = bytes.get(self.position) {
            match byte {
                b' ' | b'\t' | 0x0B | 0x0C => self.position += 1,
                b'\n' | b'\r' => {
                    newline = true;
                    self.position += 1;
                }
                b'/' if matches!(self.byte(1), b'/' | b'*') => newline |= self.skip_comment()?,
                0x80.. => match self.rest().chars().next() {
                    Some(other) if other.is_whitespace() || other == '\u{FEFF}' => {
                        newline |= matches!(other, '\u{2028}' | '\u{2029}');
                        self.position += other.len_utf8();
                    }
                    _ => break,
                },
                _ => break,
            }
        }
        Ok(newline)
    }

    /// Answers whether there was the end of a line in it.
    fn skip_comment(&mut self) -> Result<bool, Error> {
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let rest = &self.source.as_bytes()[self.position..];
        if rest[1] == b'/' {
            self.position += rest.iter().position(is_end).unwrap_or(rest.len());
            return Ok(false);
        }
        let Some(length) = rest[2..].windows(2).position(|pair| pair == b"*/") else {
            return self.error(self.position, "this comment has no end");
        };
        self.position += length + 4;
        Ok(rest[2..length + 2].iter().any(is_end))
    }

    #[inline(always)]
    fn kind(&mut self) -> Result<Kind, Error> {
        let byte = self.byte(0);
        let (kind, length) = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' => return Ok(self.word()),
            0x80.. => return self.foreign_word(),
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
                self.foreign_word()?;
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

    fn word(&mut self) -> Kind {
        let start = self.position;
        loop {
            let bytes = self.source.as_bytes();
            while (bytes.get(self.position)).is_some_and(|byte| is_part_of_word(*byte)) {
                self.position += 1;
            }
            if self.byte(0) < 0x80 {
                break;
            }
            match self.rest().chars().next() {
                Some(letter) if letter.is_alphanumeric() => self.position += letter.len_utf8(),
                _ => break,
            }
        }
        let word = &self.source.as_bytes()[start..self.position];
        meaning(word)
    }

    /// A word that may begin with any letter of any script.
    fn foreign_word(&mut self) -> Result<Kind, Error> {
        match self.rest().chars().next() {
            Some(other) if other as u32 >= 0x80 && !other.is_alphanumeric() => {
                let message = format!("the character {other:?} has no meaning here");
                self.error(self.position, &message)
            }
            _ => Ok(self.word()),
        }
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

/// What a word means where it means something. By the first letter, so that few are compared with each.
fn meaning(word: &[u8]) -> Kind {
    let (first, rest) = match word {
        [first, rest @ ..] => (first, rest),
        [] => return Kind::Name,
    };
    match first {
        b'a' => match rest {
            b"bstract" => Kind::Abstract,
            b"ny" => Kind::Any,
            b"s" => Kind::As,
            b"sserts" => Kind::Asserts,
            _ => Kind::Name,
        },
        b'b' => match rest {
            b"igint" => Kind::Bigint,
            b"oolean" => Kind::Boolean,
            _ => Kind::Name,
        },
        b'c' => match rest {
            b"lass" => Kind::Class,
            b"onst" => Kind::Const,
            _ => Kind::Name,
        },
        b'd' => match rest {
            b"eclare" => Kind::Declare,
            b"efault" => Kind::Default,
            _ => Kind::Name,
        },
        b'e' => match rest {
            b"num" => Kind::Enum,
            b"xport" => Kind::Export,
            b"xtends" => Kind::Extends,
            _ => Kind::Name,
        },
        b'f' => match rest {
            b"alse" => Kind::False,
            b"unction" => Kind::Function,
            _ => Kind::Name,
        },
        b'g' => match rest {
            b"et" => Kind::Get,
            b"lobal" => Kind::Global,
            _ => Kind::Name,
        },
        b'i' => match rest {
            b"mplements" => Kind::Implements,
            b"mport" => Kind::Import,
            b"n" => Kind::In,
            b"nfer" => Kind::Infer,
            b"nterface" => Kind::Interface,
            b"ntrinsic" => Kind::Intrinsic,
            b"s" => Kind::Is,
            _ => Kind::Name,
        },
        b'k' => match rest {
            b"eyof" => Kind::Keyof,
            _ => Kind::Name,
        },
        b'l' => match rest {
            b"et" => Kind::Let,
            _ => Kind::Name,
        },
        b'm' => match rest {
            b"odule" => Kind::Module,
            _ => Kind::Name,
        },
        b'n' => match rest {
            b"amespace" => Kind::Namespace,
            b"ever" => Kind::Never,
            b"ew" => Kind::New,
            b"ull" => Kind::NullWord,
            b"umber" => Kind::NumberWord,
            _ => Kind::Name,
        },
        b'o' => match rest {
            b"bject" => Kind::Object,
            b"ut" => Kind::Out,
            b"verride" => Kind::Override,
            _ => Kind::Name,
        },
        b'p' => match rest {
            b"rivate" => Kind::Private,
            b"rotected" => Kind::Protected,
            b"ublic" => Kind::Public,
            _ => Kind::Name,
        },
        b'r' => match rest {
            b"eadonly" => Kind::Readonly,
            _ => Kind::Name,
        },
        b's' => match rest {
            b"et" => Kind::Set,
            b"tatic" => Kind::Static,
            b"tring" => Kind::StringWord,
            b"ymbol" => Kind::Symbol,
            _ => Kind::Name,
        },
        b't' => match rest {
            b"his" => Kind::This,
            b"rue" => Kind::True,
            b"ype" => Kind::Type,
            b"ypeof" => Kind::Typeof,
            _ => Kind::Name,
        },
        b'u' => match rest {
            b"ndefined" => Kind::Undefined,
            b"nique" => Kind::Unique,
            b"nknown" => Kind::Unknown,
            _ => Kind::Name,
        },
        b'v' => match rest {
            b"ar" => Kind::Var,
            b"oid" => Kind::Void,
            _ => Kind::Name,
        },
        _ => Kind::Name,
    }
}
