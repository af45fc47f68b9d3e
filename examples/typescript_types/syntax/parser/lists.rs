//! Lists in types: members, parameters, type parameters, elements of tuples. Each item ends at once, or waits for a
//! type with a frame of its own on top of the list's.

use super::super::error::Error;
use super::super::lexer::Kind;
use super::super::tree::{
    Element, Key, Many, Member, MemberKind, Modifiers, One, Parameter, Signature, Tree, Type,
    TypeParameter,
};
use super::{Body, Frame, Parser, Place, Signed, Step, mark};

impl<T: Tree> Parser<'_, T> {
    /// Gives a complete type to the item that waits for it.
    pub(super) fn resume_item(&mut self, frame: Frame<T>, ty: Type<T>) -> Result<Step<T>, Error> {
        match frame {
            Frame::Element {
                label,
                is_optional,
                is_rest,
            } => {
                let is_optional = is_optional || (label.is_none() && self.eat(Kind::Question)?);
                self.elements.push(Element {
                    label,
                    is_optional,
                    is_rest,
                    ty,
                });
                self.separator(Kind::CloseBracket, "`,` or `]`")?;
            }
            Frame::TypeParameterExtends { modifiers, name } => {
                return self.type_parameter_default(modifiers, name, Some(ty));
            }
            Frame::TypeParameterDefault {
                modifiers,
                name,
                is_constrained,
            } => {
                let constraint = is_constrained.then(|| self.waiting());
                return self.end_type_parameter(modifiers, name, constraint, Some(ty));
            }
            Frame::Parameter {
                name,
                is_optional,
                is_rest,
            } => return self.end_parameter(name, is_optional, is_rest, Some(ty)),
            Frame::Result {
                type_parameters,
                parameters,
                of,
            } => return self.end_signature(type_parameters, parameters, Some(ty), of),
            Frame::Property { modifiers, key } => {
                let ty = Some(ty);
                return self.end_member(modifiers, MemberKind::Property { key, ty });
            }
            Frame::IndexKey { modifiers, name } => {
                self.expect(Kind::CloseBracket, "`]`")?;
                self.expect(Kind::Colon, "`:`")?;
                self.types.push(ty);
                self.frames.push(Frame::IndexValue { modifiers, name });
                return Ok(Step::Begin(Place::Anywhere));
            }
            Frame::IndexValue { modifiers, name } => {
                let key = self.waiting();
                let value = ty;
                return self.end_member(modifiers, MemberKind::Index { name, key, value });
            }
            _ => unreachable!("it is no item of a list"),
        }
        Ok(Step::More)
    }

    // Tuples.

    pub(super) fn element(&mut self) -> Result<Step<T>, Error> {
        if self.eat(Kind::CloseBracket)? {
            let Some(Frame::Tuple { first }) = self.frames.pop() else {
                unreachable!("the top frame is that of the tuple");
            };
            let elements = Many::new(self.elements.drain(first as usize..), self.tree);
            return Ok(Step::End(Type::Tuple(elements)));
        }
        let is_rest = self.eat(Kind::Ellipsis)?;
        let mut label = None;
        let mut is_optional = false;
        if self.kind().is_word() {
            let [next, after] = self.ahead();
            is_optional = next.kind == Kind::Question && after.kind == Kind::Colon;
            if is_optional || next.kind == Kind::Colon {
                label = Some(self.bump_name()?);
                self.eat(Kind::Question)?;
                self.eat(Kind::Colon)?;
            }
        }
        self.frames.push(Frame::Element {
            label,
            is_optional,
            is_rest,
        });
        Ok(Step::Begin(Place::Anywhere))
    }

    // Signatures.

    /// At the type parameters, or the parameters, of something.
    pub(super) fn signature(&mut self, of: Signed<T>) -> Result<Step<T>, Error> {
        let first = mark(&self.type_parameters);
        if self.eat(Kind::Less)? {
            self.frames.push(Frame::TypeParameters { first, of });
            return Ok(Step::More);
        }
        let none = self.type_parameters_from(first);
        self.begin_parameters(none, of)
    }

    pub(super) fn type_parameters_from(&mut self, first: u32) -> T::TypeParameters {
        Many::new(self.type_parameters.drain(first as usize..), self.tree)
    }

    pub(super) fn type_parameter(&mut self) -> Result<Step<T>, Error> {
        if self.eat(Kind::Greater)? {
            let Some(Frame::TypeParameters { first, of }) = self.frames.pop() else {
                unreachable!("the top frame is that of the type parameters");
            };
            let type_parameters = self.type_parameters_from(first);
            return match of {
                Signed::Alias | Signed::Interface | Signed::Class => {
                    self.go_on_with_declaration(type_parameters, of)
                }
                _ => self.begin_parameters(type_parameters, of),
            };
        }
        let mut modifiers = Modifiers::default();
        while matches!(self.kind(), Kind::Const | Kind::In | Kind::Out)
            && matches!(self.ahead(), [next] if next.kind.is_word() && next.kind != Kind::Extends)
        {
            self.modifier(&mut modifiers)?;
        }
        let name = self.name("the name of a type parameter")?;
        if self.eat(Kind::Extends)? {
            self.frames
                .push(Frame::TypeParameterExtends { modifiers, name });
            return Ok(Step::Begin(Place::Anywhere));
        }
        self.type_parameter_default(modifiers, name, None)
    }

    /// The next word, which is a modifier.
    pub(super) fn modifier(&mut self, modifiers: &mut Modifiers) -> Result<(), Error> {
        let word = self.bump()?;
        if let Some(modifier) = Modifiers::of(self.text(word)) {
            modifiers.add(modifier);
        }
        Ok(())
    }

    fn type_parameter_default(
        &mut self,
        modifiers: Modifiers,
        name: T::Name,
        constraint: Option<Type<T>>,
    ) -> Result<Step<T>, Error> {
        if !self.eat(Kind::Equals)? {
            return self.end_type_parameter(modifiers, name, constraint, None);
        }
        let is_constrained = constraint.is_some();
        self.types.extend(constraint);
        self.frames.push(Frame::TypeParameterDefault {
            modifiers,
            name,
            is_constrained,
        });
        Ok(Step::Begin(Place::Anywhere))
    }

    fn end_type_parameter(
        &mut self,
        modifiers: Modifiers,
        name: T::Name,
        constraint: Option<Type<T>>,
        default: Option<Type<T>>,
    ) -> Result<Step<T>, Error> {
        self.type_parameters.push(TypeParameter {
            modifiers,
            name,
            constraint,
            default,
        });
        self.separator(Kind::Greater, "`,` or `>`")?;
        Ok(Step::More)
    }

    fn begin_parameters(
        &mut self,
        type_parameters: T::TypeParameters,
        of: Signed<T>,
    ) -> Result<Step<T>, Error> {
        self.expect(Kind::OpenParen, "`(`")?;
        let first = mark(&self.parameters);
        self.frames.push(Frame::Parameters {
            first,
            type_parameters,
            of,
        });
        Ok(Step::More)
    }

    pub(super) fn parameter(&mut self) -> Result<Step<T>, Error> {
        if self.eat(Kind::CloseParen)? {
            return self.end_parameters();
        }
        let is_rest = self.eat(Kind::Ellipsis)?;
        if !self.kind().is_name() && !self.at(Kind::This) {
            return self.refuse("the name of a parameter");
        }
        let name = self.bump_name()?;
        let is_optional = self.eat(Kind::Question)?;
        if self.eat(Kind::Colon)? {
            self.frames.push(Frame::Parameter {
                name,
                is_optional,
                is_rest,
            });
            return Ok(Step::Begin(Place::Anywhere));
        }
        self.end_parameter(name, is_optional, is_rest, None)
    }

    fn end_parameter(
        &mut self,
        name: T::Name,
        is_optional: bool,
        is_rest: bool,
        ty: Option<Type<T>>,
    ) -> Result<Step<T>, Error> {
        self.parameters.push(Parameter {
            name,
            is_optional,
            is_rest,
            ty,
        });
        self.separator(Kind::CloseParen, "`,` or `)`")?;
        Ok(Step::More)
    }

    /// Behind the parameters: the result, which only the type of a function must have.
    fn end_parameters(&mut self) -> Result<Step<T>, Error> {
        let Some(Frame::Parameters {
            first,
            type_parameters,
            of,
        }) = self.frames.pop()
        else {
            unreachable!("the top frame is that of the parameters");
        };
        let parameters = Many::new(self.parameters.drain(first as usize..), self.tree);
        match of {
            Signed::FunctionType | Signed::ConstructorType { .. } => {
                self.expect(Kind::Arrow, "`=>`")?;
            }
            _ if self.eat(Kind::Colon)? => {}
            _ => return self.end_signature(type_parameters, parameters, None, of),
        }
        self.frames.push(Frame::Result {
            type_parameters,
            parameters,
            of,
        });
        self.begin_result()
    }

    /// A type, or what the function says of a parameter.
    fn begin_result(&mut self) -> Result<Step<T>, Error> {
        let is_subject = |kind: Kind| (kind.is_name() && kind != Kind::Is) || kind == Kind::This;
        let [next] = match self.kind() {
            Kind::Asserts | Kind::This | Kind::Name => self.ahead(),
            kind if kind.is_name() => self.ahead(),
            _ => return Ok(Step::Begin(Place::Anywhere)),
        };
        if next.follows_newline {
            return Ok(Step::Begin(Place::Anywhere));
        }
        let asserts = self.at(Kind::Asserts) && is_subject(next.kind);
        if asserts {
            self.advance()?;
        } else if next.kind != Kind::Is {
            return Ok(Step::Begin(Place::Anywhere));
        }
        let subject = self.bump_name()?;
        if self.is_on_line() && self.eat(Kind::Is)? {
            self.frames.push(Frame::Predicate { asserts, subject });
            return Ok(Step::Begin(Place::Anywhere));
        }
        Ok(Step::End(Type::Predicate {
            asserts,
            subject,
            ty: None,
        }))
    }

    fn end_signature(
        &mut self,
        type_parameters: T::TypeParameters,
        parameters: T::Parameters,
        result: Option<Type<T>>,
        of: Signed<T>,
    ) -> Result<Step<T>, Error> {
        let signature = Signature {
            type_parameters,
            parameters,
            result,
        };
        let signature = One::new(signature, self.tree);
        match of {
            Signed::FunctionType => Ok(Step::End(Type::Function(signature))),
            Signed::ConstructorType { is_abstract } => Ok(Step::End(Type::Constructor {
                is_abstract,
                signature,
            })),
            Signed::Call(modifiers) => self.end_member(modifiers, MemberKind::Call(signature)),
            Signed::Construct(modifiers) => {
                self.end_member(modifiers, MemberKind::Construct(signature))
            }
            Signed::Method(modifiers, key) => {
                self.end_member(modifiers, MemberKind::Method { key, signature })
            }
            Signed::Function => self.end_function(signature),
            Signed::Alias | Signed::Interface | Signed::Class => {
                unreachable!("these have no parameters")
            }
        }
    }

    // Members.

    pub(super) fn member(&mut self, of: Body) -> Result<Step<T>, Error> {
        if self.eat(Kind::CloseBrace)? {
            let Some(Frame::Members { first, of }) = self.frames.pop() else {
                unreachable!("the top frame is that of the members");
            };
            let members = Many::new(self.members.drain(first as usize..), self.tree);
            return match of {
                Body::ObjectType => Ok(Step::End(Type::Object(members))),
                Body::Interface | Body::Class => self.end_body(members, of),
            };
        }
        let mut modifiers = Modifiers::default();
        while self.is_modifier() {
            self.modifier(&mut modifiers)?;
        }
        match self.kind() {
            Kind::OpenParen | Kind::Less if of != Body::Class => {
                return self.signature(Signed::Call(modifiers));
            }
            Kind::New if of != Body::Class => {
                let [next] = self.ahead();
                if matches!(next.kind, Kind::OpenParen | Kind::Less) {
                    self.advance()?;
                    return self.signature(Signed::Construct(modifiers));
                }
            }
            Kind::OpenBracket => {
                let [name, colon] = self.ahead();
                if name.kind.is_name() && colon.kind == Kind::Colon {
                    self.advance()?;
                    let name = self.bump_name()?;
                    self.advance()?;
                    self.frames.push(Frame::IndexKey { modifiers, name });
                    return Ok(Step::Begin(Place::Anywhere));
                }
            }
            _ => {}
        }
        let key = self.key("a member or `}`")?;
        if self.eat(Kind::Question)? {
            modifiers.add(Modifiers::OPTIONAL);
        }
        match self.kind() {
            Kind::OpenParen | Kind::Less => self.signature(Signed::Method(modifiers, key)),
            Kind::Colon => {
                self.advance()?;
                self.frames.push(Frame::Property { modifiers, key });
                Ok(Step::Begin(Place::Anywhere))
            }
            _ => self.end_member(modifiers, MemberKind::Property { key, ty: None }),
        }
    }

    /// Whether the next word says something of the member whose name follows, and is not itself the name.
    fn is_modifier(&self) -> bool {
        use Kind::*;
        let can_be = match self.kind() {
            Abstract | Declare | Get | Override | Private | Protected | Public | Readonly | Set
            | Static => true,
            Name => matches!(self.text(self.token), "accessor" | "async"),
            _ => false,
        };
        can_be && {
            let [next] = self.ahead();
            let can_follow =
                next.kind.is_word() || matches!(next.kind, OpenBracket | Text | Number | Bigger);
            can_follow && !next.follows_newline
        }
    }

    pub(super) fn key(&mut self, wanted: &str) -> Result<Key<T>, Error> {
        let is_computed = self.at(Kind::OpenBracket);
        let text = match self.kind() {
            Kind::Text | Kind::Number | Kind::Bigger => self.bump_name()?,
            kind if kind.is_word() => self.bump_name()?,
            Kind::OpenBracket => {
                self.advance()?;
                let text = match self.kind() {
                    Kind::Text | Kind::Number | Kind::Bigger => self.bump_name()?,
                    kind if kind.is_word() => {
                        let first = self.bump()?;
                        self.dotted(first)?
                    }
                    _ => return self.refuse("a name"),
                };
                self.expect(Kind::CloseBracket, "`]`")?;
                text
            }
            _ => return self.refuse(wanted),
        };
        Ok(Key { is_computed, text })
    }

    fn end_member(&mut self, modifiers: Modifiers, kind: MemberKind<T>) -> Result<Step<T>, Error> {
        self.members.push(Member { modifiers, kind });
        let is_separated = self.eat(Kind::Semicolon)?
            || self.eat(Kind::Comma)?
            || self.at(Kind::CloseBrace)
            || !self.is_on_line();
        if is_separated {
            Ok(Step::More)
        } else {
            self.refuse("`;` or the end of the line")
        }
    }
}
