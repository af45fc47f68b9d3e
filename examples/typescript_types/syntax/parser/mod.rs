//! The grammar, once for both trees.
//!
//! Types can be nested deeper than a stack allows, so nothing here calls itself. What is begun and waits for its
//! parts lies on a stack of [`Frame`]s, and each [`Step`] says what comes next:
//!
//! - [`Step::Begin`]: a type begins. Either it is a short one, and ends at once, or a frame is left for what it begins
//!   with, and another step follows. (`types.rs`)
//! - [`Step::End`]: a type has ended. Operators that follow take it as their operand; else it is what the top frame
//!   waits for. (`types.rs`)
//! - [`Step::More`]: the top frame is a list, as of members or parameters, whose next item follows, or its end.
//!   (`lists.rs`, `statements.rs`)
//!
//! The items of all lists that are not complete lie on one stack for each kind; a frame knows where its own begin. A
//! list is made when it is complete, of just the size that it has, which in an arena is one allocation.

mod lists;
mod statements;
mod types;

use super::error::Error;
use super::lexer::{Kind, Lexer, Token};
use super::tree::{
    Element, EnumMember, File, Key, Many, Member, Modifiers, NamespaceWord, Operator, Parameter,
    Sign, Span, Statement, Tree, Type, TypeParameter, VariableWord,
};

pub fn parse<T: Tree>(source: &str, tree: &T) -> Result<File<T>, Error> {
    let mut parser = Parser::new(source, tree)?;
    let mut step = Step::More;
    loop {
        step = match step {
            Step::Begin(place) => parser.begin(place)?,
            Step::End(ty) => parser.end(ty)?,
            Step::More => parser.more()?,
            Step::Done => break,
        };
    }
    let statements = Many::new(parser.statements.drain(..), tree);
    Ok(File { statements })
}

enum Step<T: Tree> {
    Begin(Place),
    End(Type<T>),
    More,
    Done,
}

/// Where a type stands, which says what it may be without parentheses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Anywhere,
    InUnion,
    InIntersection,
}

/// What is begun, and waits for a type, or for more of a list.
///
/// `first` is where its items begin on the stack of their kind. Types that are complete, but whose owner is not, wait on
/// the stack of types.
enum Frame<T: Tree> {
    Operator(Operator),
    Intersection {
        first: u32,
    },
    Union {
        first: u32,
    },
    /// Behind `extends` of a conditional type.
    Extends,
    /// Behind its `?`.
    Then,
    /// Behind its `:`.
    Otherwise,
    /// Behind `extends` of `infer`, which turns out to be that of a conditional type if a `?` follows.
    InferExtends {
        name: T::Name,
    },
    Parenthesis,
    /// Behind the `[` of an indexed access.
    Index,
    Arguments {
        first: u32,
        of: Named<T>,
    },
    Tuple {
        first: u32,
    },
    Element {
        label: Option<T::Name>,
        is_optional: bool,
        is_rest: bool,
    },
    Template {
        first: u32,
        head: T::Name,
    },
    MappedConstraint {
        readonly: Sign,
        key: T::Name,
    },
    MappedName {
        readonly: Sign,
        key: T::Name,
    },
    MappedValue {
        readonly: Sign,
        optional: Sign,
        key: T::Name,
        is_renamed: bool,
    },
    TypeParameters {
        first: u32,
        of: Signed<T>,
    },
    TypeParameterExtends {
        modifiers: Modifiers,
        name: T::Name,
    },
    TypeParameterDefault {
        modifiers: Modifiers,
        name: T::Name,
        is_constrained: bool,
    },
    Parameters {
        first: u32,
        type_parameters: T::TypeParameters,
        of: Signed<T>,
    },
    Parameter {
        name: T::Name,
        is_optional: bool,
        is_rest: bool,
    },
    Result {
        type_parameters: T::TypeParameters,
        parameters: T::Parameters,
        of: Signed<T>,
    },
    Predicate {
        asserts: bool,
        subject: T::Name,
    },
    Members {
        first: u32,
        of: Body,
    },
    Property {
        modifiers: Modifiers,
        key: Key<T>,
    },
    IndexKey {
        modifiers: Modifiers,
        name: T::Name,
    },
    IndexValue {
        modifiers: Modifiers,
        name: T::Name,
    },
    Alias,
    ClassExtends,
    Heritage {
        first: u32,
        of: Body,
    },
    Variable {
        modifiers: Modifiers,
        word: VariableWord,
        name: T::Name,
    },
    Namespace {
        modifiers: Modifiers,
        word: NamespaceWord,
        name: T::Name,
        first: u32,
    },
}

/// What can have type arguments.
enum Named<T: Tree> {
    Reference(T::Name),
    Query(T::Name),
    Import {
        is_query: bool,
        module: T::Name,
        name: Option<T::Name>,
    },
}

/// What has type parameters, and mostly parameters and a result too.
enum Signed<T: Tree> {
    FunctionType,
    ConstructorType { is_abstract: bool },
    Call(Modifiers),
    Construct(Modifiers),
    Method(Modifiers, Key<T>),
    Function,
    Alias,
    Interface,
    Class,
}

/// Whose members are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Body {
    ObjectType,
    Interface,
    Class,
}

/// A declaration as far as it is known. There are no declarations in types, so there is one at a time, besides
/// namespaces.
struct Head<T: Tree> {
    modifiers: Modifiers,
    name: T::Name,
    type_parameters: Option<T::TypeParameters>,
    class_extends: Option<Type<T>>,
    heritage: Option<T::Types>,
}

struct Parser<'s, T: Tree> {
    tree: &'s T,
    lexer: Lexer<'s>,
    /// The next token.
    token: Token,
    /// Where the token before it ended.
    end: u32,
    frames: Vec<Frame<T>>,
    head: Option<Head<T>>,
    types: Vec<Type<T>>,
    elements: Vec<Element<T>>,
    spans: Vec<Span<T>>,
    members: Vec<Member<T>>,
    parameters: Vec<Parameter<T>>,
    type_parameters: Vec<TypeParameter<T>>,
    enum_members: Vec<EnumMember<T>>,
    statements: Vec<Statement<T>>,
}

impl<'s, T: Tree> Parser<'s, T> {
    fn new(source: &'s str, tree: &'s T) -> Result<Self, Error> {
        let mut lexer = Lexer::new(source)?;
        let token = lexer.next()?;
        Ok(Parser {
            tree,
            lexer,
            token,
            end: 0,
            frames: Vec::new(),
            head: None,
            types: Vec::new(),
            elements: Vec::new(),
            spans: Vec::new(),
            members: Vec::new(),
            parameters: Vec::new(),
            type_parameters: Vec::new(),
            enum_members: Vec::new(),
            statements: Vec::new(),
        })
    }

    /// Goes on with the list of the top frame.
    fn more(&mut self) -> Result<Step<T>, Error> {
        match self.frames.last() {
            None | Some(Frame::Namespace { .. }) => self.statement(),
            Some(Frame::Members { of, .. }) => {
                let of = *of;
                self.member(of)
            }
            Some(Frame::Parameters { .. }) => self.parameter(),
            Some(Frame::TypeParameters { .. }) => self.type_parameter(),
            Some(Frame::Tuple { .. }) => self.element(),
            Some(_) => unreachable!("all other frames wait for a type"),
        }
    }

    // Tokens.

    fn kind(&self) -> Kind {
        self.token.kind
    }

    fn at(&self, kind: Kind) -> bool {
        self.token.kind == kind
    }

    /// Whether the next token is on the line of the one before.
    fn is_on_line(&self) -> bool {
        !self.token.follows_newline
    }

    /// Goes on to the token after the next one, and answers the next.
    #[inline]
    fn bump(&mut self) -> Result<Token, Error> {
        let token = self.token;
        self.advance()?;
        Ok(token)
    }

    fn advance(&mut self) -> Result<(), Error> {
        self.end = self.token.end;
        self.token = self.lexer.next()?;
        Ok(())
    }

    #[inline]
    fn eat(&mut self, kind: Kind) -> Result<bool, Error> {
        if self.at(kind) {
            self.advance()?;
            return Ok(true);
        }
        Ok(false)
    }

    fn expect(&mut self, kind: Kind, wanted: &str) -> Result<Token, Error> {
        if self.at(kind) {
            self.bump()
        } else {
            self.refuse(wanted)
        }
    }

    /// The tokens behind the next one. If one of them is wrong, that is an error when its turn comes: behind the `}` of a
    /// template there is text.
    fn ahead<const N: usize>(&self) -> [Token; N] {
        let mut lexer = self.lexer;
        let mut tokens = [Token::NONE; N];
        for token in &mut tokens {
            *token = lexer.next().unwrap_or(Token::NONE);
        }
        tokens
    }

    fn text(&self, token: Token) -> &'s str {
        &self.lexer.source()[token.start as usize..token.end as usize]
    }

    /// An error at the next token.
    #[cold]
    fn refuse<R>(&self, wanted: &str) -> Result<R, Error> {
        let found = match self.kind() {
            Kind::End => "the end".to_owned(),
            _ => format!("`{}`", self.text(self.token)),
        };
        self.fail(
            self.token.start,
            &format!("expected {wanted}, found {found}"),
        )
    }

    #[cold]
    fn fail<R>(&self, offset: u32, message: &str) -> Result<R, Error> {
        Err(Error::at(self.lexer.source(), offset as usize, message))
    }

    // Names.

    /// The next token as a name.
    fn bump_name(&mut self) -> Result<T::Name, Error> {
        let token = self.bump()?;
        Ok(self.tree.name(self.text(token)))
    }

    fn name(&mut self, wanted: &str) -> Result<T::Name, Error> {
        if !self.kind().is_name() {
            return self.refuse(wanted);
        }
        self.bump_name()
    }

    /// A name with or without dots, whose first word was just read.
    fn dotted(&mut self, first: Token) -> Result<T::Name, Error> {
        if !self.at(Kind::Dot) {
            return Ok(self.tree.name(self.text(first)));
        }
        while self.eat(Kind::Dot)? {
            if !self.kind().is_word() {
                return self.refuse("a name");
            }
            self.advance()?;
        }
        let written = &self.lexer.source()[first.start as usize..self.end as usize];
        if !written.contains(|letter: char| letter.is_whitespace() || letter == '/') {
            return Ok(self.tree.name(written));
        }
        // There is something between the words.
        let mut words = String::new();
        let mut lexer = Lexer::new(written)?;
        loop {
            let token = lexer.next()?;
            if token.kind == Kind::End {
                return Ok(self.tree.name(&words));
            }
            words += &written[token.start as usize..token.end as usize];
        }
    }

    fn literal_text(&mut self, wanted: &str) -> Result<T::Name, Error> {
        let token = self.expect(Kind::Text, wanted)?;
        Ok(self.tree.name(self.text(token)))
    }

    // Lists.

    /// Behind an item of a list: a comma, or the list's end, which stays.
    fn separator(&mut self, close: Kind, wanted: &str) -> Result<(), Error> {
        if self.eat(Kind::Comma)? || self.at(close) {
            Ok(())
        } else {
            self.refuse(wanted)
        }
    }

    fn types_from(&mut self, first: u32) -> T::Types {
        Many::new(self.types.drain(first as usize..), self.tree)
    }

    /// A type that waited for its owner to be complete.
    fn waiting(&mut self) -> Type<T> {
        self.types
            .pop()
            .expect("the frame left a type on the stack")
    }
}

/// The length of a stack. (A source has less than 4 GiB, and each item takes a byte of it.)
fn mark<X>(stack: &[X]) -> u32 {
    stack.len() as u32
}
