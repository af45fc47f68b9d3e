//! Declarations, and the namespaces that they stand in.

use super::super::error::Error;
use super::super::lexer::Kind;
use super::super::tree::{
    Declaration, EnumMember, LiteralKind, Many, Modifiers, NamespaceWord, Statement, Tree, Type,
    VariableWord,
};
use super::{Body, Frame, Head, Parser, Place, Signed, Step, mark};

impl<T: Tree> Parser<'_, T> {
    pub(super) fn statement(&mut self) -> Result<Step<T>, Error> {
        while self.eat(Kind::Semicolon)? {}
        match (self.kind(), self.frames.last()) {
            (Kind::End, None) => return Ok(Step::Done),
            (Kind::CloseBrace, Some(_)) => return self.end_namespace(),
            _ => {}
        }
        let start = (self.lexer, self.token);
        let mut modifiers = Modifiers::default();
        while self.is_statement_modifier() {
            self.modifier(&mut modifiers)?;
        }
        let [next] = self.ahead();
        match self.kind() {
            Kind::Type if next.kind.is_name() => {
                self.begin_declaration(modifiers, "the name of a type", Signed::Alias)
            }
            Kind::Interface if next.kind.is_name() => {
                self.begin_declaration(modifiers, "the name of an interface", Signed::Interface)
            }
            Kind::Class => self.begin_declaration(modifiers, "the name of a class", Signed::Class),
            Kind::Function => {
                self.begin_declaration(modifiers, "the name of a function", Signed::Function)
            }
            Kind::Const if next.kind == Kind::Enum => {
                self.modifier(&mut modifiers)?;
                self.enumeration(modifiers)
            }
            Kind::Enum => self.enumeration(modifiers),
            Kind::Const => self.begin_variables(modifiers, VariableWord::Const),
            Kind::Let => self.begin_variables(modifiers, VariableWord::Let),
            Kind::Var => self.begin_variables(modifiers, VariableWord::Var),
            Kind::Namespace if next.kind.is_name() => {
                self.begin_namespace(modifiers, NamespaceWord::Namespace)
            }
            Kind::Module if next.kind.is_name() || next.kind == Kind::Text => {
                self.begin_namespace(modifiers, NamespaceWord::Module)
            }
            Kind::Global if next.kind == Kind::OpenBrace => {
                self.begin_namespace(modifiers, NamespaceWord::Global)
            }
            _ if matches!(start.1.kind, Kind::Import | Kind::Export) => {
                (self.lexer, self.token) = start;
                self.link()
            }
            _ => self.refuse("a declaration"),
        }
    }

    fn is_statement_modifier(&self) -> bool {
        match self.kind() {
            Kind::Export | Kind::Default => true,
            Kind::Declare | Kind::Abstract => {
                let [next] = self.ahead();
                next.kind.is_word() && !next.follows_newline
            }
            _ => false,
        }
    }

    /// At the word that a declaration with type parameters or a signature begins with.
    fn begin_declaration(
        &mut self,
        modifiers: Modifiers,
        wanted: &str,
        of: Signed<T>,
    ) -> Result<Step<T>, Error> {
        self.advance()?;
        let name = self.name(wanted)?;
        self.head = Some(Head {
            modifiers,
            name,
            type_parameters: None,
            class_extends: None,
            heritage: None,
        });
        if matches!(of, Signed::Function) {
            return self.signature(of);
        }
        let first = mark(&self.type_parameters);
        if self.eat(Kind::Less)? {
            self.frames.push(Frame::TypeParameters { first, of });
            return Ok(Step::More);
        }
        let none = self.type_parameters_from(first);
        self.go_on_with_declaration(none, of)
    }

    fn head(&mut self) -> &mut Head<T> {
        self.head.as_mut().expect("a declaration was begun")
    }

    fn take_head(&mut self) -> Head<T> {
        self.head.take().expect("a declaration was begun")
    }

    /// Behind the type parameters.
    pub(super) fn go_on_with_declaration(
        &mut self,
        type_parameters: T::TypeParameters,
        of: Signed<T>,
    ) -> Result<Step<T>, Error> {
        self.head().type_parameters = Some(type_parameters);
        match of {
            Signed::Alias => {
                self.expect(Kind::Equals, "`=`")?;
                self.frames.push(Frame::Alias);
                Ok(Step::Begin(Place::Anywhere))
            }
            Signed::Class if self.eat(Kind::Extends)? => {
                self.frames.push(Frame::ClassExtends);
                Ok(Step::Begin(Place::Anywhere))
            }
            Signed::Class => self.begin_heritage(Kind::Implements, Body::Class),
            _ => self.begin_heritage(Kind::Extends, Body::Interface),
        }
    }

    /// Where other interfaces may be named, of which there is a list behind a word.
    fn begin_heritage(&mut self, word: Kind, of: Body) -> Result<Step<T>, Error> {
        let first = mark(&self.types);
        if self.eat(word)? {
            self.frames.push(Frame::Heritage { first, of });
            return Ok(Step::Begin(Place::Anywhere));
        }
        self.begin_body(first, of)
    }

    fn begin_body(&mut self, first: u32, of: Body) -> Result<Step<T>, Error> {
        self.head().heritage = Some(self.types_from(first));
        self.expect(Kind::OpenBrace, "`{`")?;
        let first = mark(&self.members);
        self.frames.push(Frame::Members { first, of });
        Ok(Step::More)
    }

    /// Gives a complete type to the declaration that waits for it.
    pub(super) fn resume_declaration(
        &mut self,
        frame: Frame<T>,
        ty: Type<T>,
    ) -> Result<Step<T>, Error> {
        match frame {
            Frame::Alias => {
                let head = self.take_head();
                let type_parameters = head.type_parameters.expect("they come first");
                let name = head.name;
                self.end_statement(
                    head.modifiers,
                    Declaration::Alias {
                        name,
                        type_parameters,
                        ty,
                    },
                )
            }
            Frame::ClassExtends => {
                self.head().class_extends = Some(ty);
                self.begin_heritage(Kind::Implements, Body::Class)
            }
            Frame::Heritage { first, of } => {
                self.types.push(ty);
                if self.eat(Kind::Comma)? {
                    self.frames.push(Frame::Heritage { first, of });
                    return Ok(Step::Begin(Place::Anywhere));
                }
                self.begin_body(first, of)
            }
            Frame::Variable {
                modifiers,
                word,
                name,
            } => self.variable_value(modifiers, word, name, Some(ty)),
            _ => unreachable!("it is no declaration"),
        }
    }

    pub(super) fn end_body(&mut self, members: T::Members, of: Body) -> Result<Step<T>, Error> {
        let head = self.take_head();
        let name = head.name;
        let type_parameters = head.type_parameters.expect("they come first");
        let heritage = head.heritage.expect("it comes before the members");
        let declaration = if of == Body::Class {
            Declaration::Class {
                name,
                type_parameters,
                extends: head.class_extends,
                implements: heritage,
                members,
            }
        } else {
            Declaration::Interface {
                name,
                type_parameters,
                extends: heritage,
                members,
            }
        };
        Ok(self.push_statement(head.modifiers, declaration))
    }

    pub(super) fn end_function(&mut self, signature: T::Signature) -> Result<Step<T>, Error> {
        let Head {
            modifiers, name, ..
        } = self.take_head();
        self.end_statement(modifiers, Declaration::Function { name, signature })
    }

    // Variables.

    fn begin_variables(
        &mut self,
        modifiers: Modifiers,
        word: VariableWord,
    ) -> Result<Step<T>, Error> {
        self.advance()?;
        self.variable(modifiers, word)
    }

    fn variable(&mut self, modifiers: Modifiers, word: VariableWord) -> Result<Step<T>, Error> {
        let name = self.name("the name of a variable")?;
        if self.eat(Kind::Colon)? {
            self.frames.push(Frame::Variable {
                modifiers,
                word,
                name,
            });
            return Ok(Step::Begin(Place::Anywhere));
        }
        self.variable_value(modifiers, word, name, None)
    }

    /// Behind the type of a variable: its value, and other variables of the same statement.
    fn variable_value(
        &mut self,
        modifiers: Modifiers,
        word: VariableWord,
        name: T::Name,
        ty: Option<Type<T>>,
    ) -> Result<Step<T>, Error> {
        let value = self.value()?;
        let declaration = Declaration::Variable {
            word,
            name,
            ty,
            value,
        };
        if self.eat(Kind::Comma)? {
            self.push_statement(modifiers, declaration);
            return self.variable(modifiers, word);
        }
        self.end_statement(modifiers, declaration)
    }

    /// The literal behind an `=`, if there is one.
    fn value(&mut self) -> Result<Option<Type<T>>, Error> {
        if !self.eat(Kind::Equals)? {
            return Ok(None);
        }
        let step = match self.kind() {
            Kind::Minus => self.end_negative()?,
            Kind::Text => self.end_literal(LiteralKind::Text)?,
            Kind::Number => self.end_literal(LiteralKind::Number)?,
            Kind::Bigger => self.end_literal(LiteralKind::Bigint)?,
            Kind::True | Kind::False => self.end_literal(LiteralKind::Boolean)?,
            _ => return self.refuse("a text or a number"),
        };
        let Step::End(literal) = step else {
            unreachable!("a literal ends at once");
        };
        Ok(Some(literal))
    }

    fn enumeration(&mut self, modifiers: Modifiers) -> Result<Step<T>, Error> {
        self.advance()?;
        let name = self.name("the name of an enumeration")?;
        self.expect(Kind::OpenBrace, "`{`")?;
        while !self.eat(Kind::CloseBrace)? {
            let key = self.key("a member or `}`")?;
            let value = self.value()?;
            self.enum_members.push(EnumMember { key, value });
            self.separator(Kind::CloseBrace, "`,` or `}`")?;
        }
        let members = Many::new(self.enum_members.drain(..), self.tree);
        Ok(self.push_statement(modifiers, Declaration::Enum { name, members }))
    }

    // Namespaces.

    fn begin_namespace(
        &mut self,
        modifiers: Modifiers,
        word: NamespaceWord,
    ) -> Result<Step<T>, Error> {
        let first_word = self.bump()?;
        let name = match (word, self.kind()) {
            (NamespaceWord::Global, _) => self.tree.name(self.text(first_word)),
            (_, Kind::Text) => self.bump_name()?,
            _ => {
                let first = self.bump()?;
                self.dotted(first)?
            }
        };
        if self.eat(Kind::OpenBrace)? {
            self.frames.push(Frame::Namespace {
                modifiers,
                word,
                name,
                first: mark(&self.statements),
            });
            return Ok(Step::More);
        }
        self.end_statement(
            modifiers,
            Declaration::Namespace {
                word,
                name,
                statements: None,
            },
        )
    }

    fn end_namespace(&mut self) -> Result<Step<T>, Error> {
        self.advance()?;
        let Some(Frame::Namespace {
            modifiers,
            word,
            name,
            first,
        }) = self.frames.pop()
        else {
            unreachable!("the top frame is that of the namespace");
        };
        let statements = Many::new(self.statements.drain(first as usize..), self.tree);
        Ok(self.push_statement(
            modifiers,
            Declaration::Namespace {
                word,
                name,
                statements: Some(statements),
            },
        ))
    }

    /// An import, or an export of what is declared elsewhere: up to a semicolon, or the end of a line that is not in
    /// braces.
    fn link(&mut self) -> Result<Step<T>, Error> {
        let mut words = String::new();
        let mut depth = 0_u32;
        loop {
            let is_end = matches!(self.kind(), Kind::Semicolon | Kind::CloseBrace)
                || (!words.is_empty() && !self.is_on_line());
            if depth == 0 && is_end || self.at(Kind::End) {
                break;
            }
            match self.kind() {
                Kind::OpenBrace => depth += 1,
                Kind::CloseBrace => depth -= 1,
                Kind::Comma | Kind::Dot | Kind::Equals | Kind::Star | Kind::Text => {}
                Kind::OpenParen | Kind::CloseParen => {}
                kind if kind.is_word() => {}
                _ => return self.refuse("a name"),
            }
            if !words.is_empty() {
                words.push(' ');
            }
            let token = self.bump()?;
            words += self.text(token);
        }
        if depth > 0 {
            return self.refuse("`}`");
        }
        let words = self.tree.name(&words);
        self.end_statement(Modifiers::default(), Declaration::Link { words })
    }

    // The ends of statements.

    fn push_statement(&mut self, modifiers: Modifiers, declaration: Declaration<T>) -> Step<T> {
        self.statements.push(Statement {
            modifiers,
            declaration,
        });
        Step::More
    }

    /// Behind a statement that a semicolon may end, or the end of its line.
    fn end_statement(
        &mut self,
        modifiers: Modifiers,
        declaration: Declaration<T>,
    ) -> Result<Step<T>, Error> {
        let is_end = self.eat(Kind::Semicolon)?
            || matches!(self.kind(), Kind::End | Kind::CloseBrace)
            || !self.is_on_line();
        if is_end {
            Ok(self.push_statement(modifiers, declaration))
        } else {
            self.refuse("`;` or the end of the line")
        }
    }
}
