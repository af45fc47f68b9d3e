//! The tree: what its nodes are, and nothing of where they lie.
//!
//! A node says what it has by the names of [`Tree`]: `T::Type` is one other type, `T::Types` is some of them. What these
//! are is the one difference between the tree of `heap.rs` and that of `arena.rs`, which are to be read side by side.

use std::ops::Deref;

/// How nodes refer to what belongs to them.
pub trait Tree: Sized {
    /// A piece of the source.
    type Name: Deref<Target = str>;

    // One node.
    type Type: One<Type<Self>, Self>;
    type Conditional: One<Conditional<Self>, Self>;
    type Import: One<Import<Self>, Self>;
    type Mapped: One<Mapped<Self>, Self>;
    type Signature: One<Signature<Self>, Self>;

    // Nodes side by side.
    type Types: Many<Type<Self>, Self>;
    type Elements: Many<Element<Self>, Self>;
    type Spans: Many<Span<Self>, Self>;
    type Members: Many<Member<Self>, Self>;
    type Parameters: Many<Parameter<Self>, Self>;
    type TypeParameters: Many<TypeParameter<Self>, Self>;
    type EnumMembers: Many<EnumMember<Self>, Self>;
    type Statements: Many<Statement<Self>, Self>;

    fn name(&self, text: &str) -> Self::Name;
}

/// A reference to one node, which may own it.
pub trait One<X, T>: Deref<Target = X> {
    fn new(node: X, tree: &T) -> Self;
}

/// A reference to nodes side by side, which may own them.
pub trait Many<X, T>: Deref<Target = [X]> {
    /// Takes the nodes from the place where they were gathered, since nobody knew how many there would be.
    fn new(nodes: std::vec::Drain<'_, X>, tree: &T) -> Self;
}

/// All that a source declares.
pub struct File<T: Tree> {
    pub statements: T::Statements,
}

pub struct Statement<T: Tree> {
    pub modifiers: Modifiers,
    pub declaration: Declaration<T>,
}

pub enum Declaration<T: Tree> {
    Alias {
        name: T::Name,
        type_parameters: T::TypeParameters,
        ty: Type<T>,
    },
    Interface {
        name: T::Name,
        type_parameters: T::TypeParameters,
        extends: T::Types,
        members: T::Members,
    },
    Class {
        name: T::Name,
        type_parameters: T::TypeParameters,
        extends: Option<Type<T>>,
        implements: T::Types,
        members: T::Members,
    },
    Function {
        name: T::Name,
        signature: T::Signature,
    },
    /// One of the variables that a statement declares.
    Variable {
        word: VariableWord,
        name: T::Name,
        ty: Option<Type<T>>,
        value: Option<Type<T>>,
    },
    Enum {
        name: T::Name,
        members: T::EnumMembers,
    },
    /// Also a module, whose name may be a text, or the global one.
    Namespace {
        word: NamespaceWord,
        name: T::Name,
        /// Without, it is only said that there is such a module.
        statements: Option<T::Statements>,
    },
    /// An `import`, or an `export` of what is declared elsewhere: its words, with a space between each.
    Link { words: T::Name },
}

pub enum Type<T: Tree> {
    Keyword(Keyword),
    /// A text, a number, `true` or `false`, as it is written.
    Literal {
        kind: LiteralKind,
        text: T::Name,
    },
    Template {
        head: T::Name,
        spans: T::Spans,
    },
    /// A type by its name, which may have dots.
    Reference {
        name: T::Name,
        arguments: T::Types,
    },
    /// `typeof name`
    Query {
        name: T::Name,
        arguments: T::Types,
    },
    Import(T::Import),
    Array(T::Type),
    Tuple(T::Elements),
    Union(T::Types),
    Intersection(T::Types),
    Operator(Operator, T::Type),
    Indexed {
        object: T::Type,
        index: T::Type,
    },
    Conditional(T::Conditional),
    Infer {
        name: T::Name,
        constraint: Option<T::Type>,
    },
    Mapped(T::Mapped),
    Object(T::Members),
    Function(T::Signature),
    Constructor {
        is_abstract: bool,
        signature: T::Signature,
    },
    /// What a function says of its parameter, or of `this`.
    Predicate {
        asserts: bool,
        subject: T::Name,
        ty: Option<T::Type>,
    },
}

pub struct Conditional<T: Tree> {
    pub check: Type<T>,
    pub extends: Type<T>,
    pub then: Type<T>,
    pub otherwise: Type<T>,
}

/// A type of another module, or with `typeof` that of a value.
pub struct Import<T: Tree> {
    pub is_query: bool,
    pub module: T::Name,
    pub name: Option<T::Name>,
    pub arguments: T::Types,
}

pub struct Mapped<T: Tree> {
    pub readonly: Sign,
    pub optional: Sign,
    pub key: T::Name,
    pub constraint: Type<T>,
    /// What stands behind `as`.
    pub renamed: Option<Type<T>>,
    pub value: Option<Type<T>>,
}

/// An element of a tuple.
pub struct Element<T: Tree> {
    pub label: Option<T::Name>,
    pub is_optional: bool,
    pub is_rest: bool,
    pub ty: Type<T>,
}

/// A type in a template literal, with the text that follows it.
pub struct Span<T: Tree> {
    pub ty: Type<T>,
    pub text: T::Name,
}

pub struct Signature<T: Tree> {
    pub type_parameters: T::TypeParameters,
    pub parameters: T::Parameters,
    pub result: Option<Type<T>>,
}

pub struct Parameter<T: Tree> {
    pub name: T::Name,
    pub is_optional: bool,
    pub is_rest: bool,
    pub ty: Option<Type<T>>,
}

pub struct TypeParameter<T: Tree> {
    pub modifiers: Modifiers,
    pub name: T::Name,
    pub constraint: Option<Type<T>>,
    pub default: Option<Type<T>>,
}

/// A member of an object type, an interface or a class.
pub struct Member<T: Tree> {
    pub modifiers: Modifiers,
    pub kind: MemberKind<T>,
}

pub enum MemberKind<T: Tree> {
    Property {
        key: Key<T>,
        ty: Option<Type<T>>,
    },
    Method {
        key: Key<T>,
        signature: T::Signature,
    },
    Call(T::Signature),
    Construct(T::Signature),
    Index {
        name: T::Name,
        key: Type<T>,
        value: Type<T>,
    },
}

pub struct EnumMember<T: Tree> {
    pub key: Key<T>,
    pub value: Option<Type<T>>,
}

/// What a member is called: a name, or a text or number as it is written.
pub struct Key<T: Tree> {
    pub is_computed: bool,
    pub text: T::Name,
}

/// Enumerations without anything in them, with the words that stand for them.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident $word:literal),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($variant),+ }

        impl $name {
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    )+};
}

words! {
    Keyword {
        Any "any", Bigint "bigint", Boolean "boolean", Intrinsic "intrinsic", Never "never", Null "null",
        Number "number", Object "object", String "string", Symbol "symbol", This "this", Undefined "undefined",
        Unknown "unknown", Void "void",
    }
    Operator { Keyof "keyof", Readonly "readonly", Unique "unique" }
    LiteralKind { Text "text", Number "number", Bigint "bigint", Boolean "boolean" }
    VariableWord { Const "const", Let "let", Var "var" }
    NamespaceWord { Namespace "namespace", Module "module", Global "global" }
    /// How a mapped type changes a modifier.
    Sign { Keep "", Set "set", Add "+", Remove "-" }
}

/// The words before a declaration or a member, and the question mark behind a member's name.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Modifiers(u32);

impl Modifiers {
    pub const OPTIONAL: Self = Modifiers(1 << 31);

    /// In the order in which they are printed.
    pub const WORDS: [&'static str; 17] = [
        "export",
        "default",
        "declare",
        "public",
        "protected",
        "private",
        "static",
        "override",
        "abstract",
        "readonly",
        "const",
        "in",
        "out",
        "get",
        "set",
        "accessor",
        "async",
    ];

    /// The modifier of a word, if it is one.
    pub fn of(word: &str) -> Option<Self> {
        let place = Self::WORDS.iter().position(|other| *other == word)?;
        Some(Modifiers(1 << place))
    }

    pub fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub fn words(self) -> impl DoubleEndedIterator<Item = &'static str> {
        let bits = self.0;
        (Self::WORDS.iter().enumerate())
            .filter_map(move |(place, word)| (bits & 1 << place != 0).then_some(*word))
    }
}
