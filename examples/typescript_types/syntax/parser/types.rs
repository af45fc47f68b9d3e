//! Types: how they begin, and what comes of them when they have ended.

use super::super::error::Error;
use super::super::lexer::{Kind, Token};
use super::super::tree::{
    Conditional, Import, Keyword, LiteralKind, Many, Mapped, One, Operator, Sign, Span, Tree, Type,
};
use super::{Body, Frame, Named, Parser, Place, Signed, Step, mark};

impl<T: Tree> Parser<'_, T> {
    pub(super) fn begin(&mut self, place: Place) -> Result<Step<T>, Error> {
        // A union may begin with the mark that stands between its members.
        if place == Place::Anywhere {
            self.eat(Kind::Pipe)?;
        }
        if place != Place::InIntersection {
            self.eat(Kind::Ampersand)?;
        }
        let keyword = match self.kind() {
            Kind::OpenBrace => return self.begin_brace(),
            Kind::OpenBracket => {
                self.advance()?;
                let first = mark(&self.elements);
                self.frames.push(Frame::Tuple { first });
                return Ok(Step::More);
            }
            Kind::OpenParen if !self.is_function() => {
                self.advance()?;
                self.frames.push(Frame::Parenthesis);
                return Ok(Step::Begin(Place::Anywhere));
            }
            Kind::OpenParen | Kind::Less => {
                self.check_place(place)?;
                return self.signature(Signed::FunctionType);
            }
            Kind::New => {
                self.check_place(place)?;
                self.advance()?;
                return self.signature(Signed::ConstructorType { is_abstract: false });
            }
            Kind::Abstract if matches!(self.ahead(), [next] if next.kind == Kind::New) => {
                self.check_place(place)?;
                self.advance()?;
                self.advance()?;
                return self.signature(Signed::ConstructorType { is_abstract: true });
            }
            Kind::Keyof => return self.begin_operator(Operator::Keyof),
            Kind::Readonly => return self.begin_operator(Operator::Readonly),
            Kind::Unique => return self.begin_operator(Operator::Unique),
            Kind::Infer => return self.begin_infer(),
            Kind::Typeof => return self.begin_query(),
            Kind::Import => return self.begin_import(false),
            Kind::Template => return self.begin_template(),
            Kind::Text => return self.end_literal(LiteralKind::Text),
            Kind::Number => return self.end_literal(LiteralKind::Number),
            Kind::Bigger => return self.end_literal(LiteralKind::Bigint),
            Kind::True | Kind::False => return self.end_literal(LiteralKind::Boolean),
            Kind::Minus => return self.end_negative(),
            Kind::Any => Keyword::Any,
            Kind::Bigint => Keyword::Bigint,
            Kind::Boolean => Keyword::Boolean,
            Kind::Intrinsic => Keyword::Intrinsic,
            Kind::Never => Keyword::Never,
            Kind::NullWord => Keyword::Null,
            Kind::NumberWord => Keyword::Number,
            Kind::Object => Keyword::Object,
            Kind::StringWord => Keyword::String,
            Kind::Symbol => Keyword::Symbol,
            Kind::This => Keyword::This,
            Kind::Undefined => Keyword::Undefined,
            Kind::Unknown => Keyword::Unknown,
            Kind::Void => Keyword::Void,
            kind if kind.is_name() => {
                let first = self.bump()?;
                let name = self.dotted(first)?;
                return self.end_named(Named::Reference(name));
            }
            _ => return self.refuse("a type"),
        };
        let word = self.bump()?;
        if self.at(Kind::Dot) && word.kind.is_name() {
            let name = self.dotted(word)?;
            return self.end_named(Named::Reference(name));
        }
        Ok(Step::End(Type::Keyword(keyword)))
    }

    /// Types of functions end only with the type of their result, so they can't be followed by anything.
    fn check_place(&self, place: Place) -> Result<(), Error> {
        if place == Place::Anywhere {
            return Ok(());
        }
        let message = "the type of a function stands in parentheses here";
        self.fail(self.token.start, message)
    }

    /// Whether this `(` begins the parameters of a function.
    fn is_function(&self) -> bool {
        let [first, second, third] = match self.ahead::<1>() {
            [first] if first.kind == Kind::CloseParen || first.kind == Kind::Ellipsis => {
                return true;
            }
            [first] if first.kind.is_word() => self.ahead(),
            _ => return false,
        };
        let is_parameter = first.kind.is_name() || first.kind == Kind::This;
        is_parameter
            && match second.kind {
                Kind::Colon | Kind::Comma | Kind::Question => true,
                Kind::CloseParen => third.kind == Kind::Arrow,
                _ => false,
            }
    }

    fn begin_operator(&mut self, operator: Operator) -> Result<Step<T>, Error> {
        self.advance()?;
        self.frames.push(Frame::Operator(operator));
        Ok(Step::Begin(Place::InIntersection))
    }

    fn begin_infer(&mut self) -> Result<Step<T>, Error> {
        self.advance()?;
        let name = self.name("the name of the type to infer")?;
        if self.is_on_line() && self.eat(Kind::Extends)? {
            self.frames.push(Frame::InferExtends { name });
            return Ok(Step::Begin(Place::Anywhere));
        }
        Ok(Step::End(Type::Infer {
            name,
            constraint: None,
        }))
    }

    fn begin_query(&mut self) -> Result<Step<T>, Error> {
        self.advance()?;
        if self.at(Kind::Import) {
            return self.begin_import(true);
        }
        if !self.kind().is_name() && !self.at(Kind::This) && !self.at(Kind::Default) {
            return self.refuse("a name");
        }
        let first = self.bump()?;
        let name = self.dotted(first)?;
        self.end_named(Named::Query(name))
    }

    fn begin_import(&mut self, is_query: bool) -> Result<Step<T>, Error> {
        self.advance()?;
        self.expect(Kind::OpenParen, "`(`")?;
        let module = self.literal_text("the name of a module as a text")?;
        self.expect(Kind::CloseParen, "`)`")?;
        let name = if self.eat(Kind::Dot)? {
            if !self.kind().is_word() {
                return self.refuse("a name");
            }
            let first = self.bump()?;
            Some(self.dotted(first)?)
        } else {
            None
        };
        self.end_named(Named::Import {
            is_query,
            module,
            name,
        })
    }

    /// Behind a name: its type arguments, if it has any.
    fn end_named(&mut self, of: Named<T>) -> Result<Step<T>, Error> {
        let first = mark(&self.types);
        if self.is_on_line() && self.eat(Kind::Less)? {
            self.frames.push(Frame::Arguments { first, of });
            return Ok(Step::Begin(Place::Anywhere));
        }
        Ok(Step::End(self.named(of, first)))
    }

    fn named(&mut self, of: Named<T>, first: u32) -> Type<T> {
        let arguments = self.types_from(first);
        match of {
            Named::Reference(name) => Type::Reference { name, arguments },
            Named::Query(name) => Type::Query { name, arguments },
            Named::Import {
                is_query,
                module,
                name,
            } => {
                let import = Import {
                    is_query,
                    module,
                    name,
                    arguments,
                };
                Type::Import(One::new(import, self.tree))
            }
        }
    }

    pub(super) fn end_literal(&mut self, kind: LiteralKind) -> Result<Step<T>, Error> {
        let text = self.bump_name()?;
        Ok(Step::End(Type::Literal { kind, text }))
    }

    pub(super) fn end_negative(&mut self) -> Result<Step<T>, Error> {
        let minus = self.bump()?;
        let kind = match self.kind() {
            Kind::Number => LiteralKind::Number,
            Kind::Bigger => LiteralKind::Bigint,
            _ => return self.refuse("a number"),
        };
        let number = self.bump()?;
        let text = if minus.end == number.start {
            let start = minus.start;
            self.tree.name(self.text(Token { start, ..number }))
        } else {
            self.tree.name(&format!("-{}", self.text(number)))
        };
        Ok(Step::End(Type::Literal { kind, text }))
    }

    /// At a template: its text up to the first type.
    fn begin_template(&mut self) -> Result<Step<T>, Error> {
        let whole = self.text(self.token);
        let first = mark(&self.spans);
        if whole.ends_with("${") {
            let head = self.tree.name(&whole[1..whole.len() - 2]);
            self.frames.push(Frame::Template { first, head });
            self.advance()?;
            return Ok(Step::Begin(Place::Anywhere));
        }
        let head = self.tree.name(&whole[1..whole.len() - 1]);
        self.advance()?;
        let spans = Many::new(self.spans.drain(first as usize..), self.tree);
        Ok(Step::End(Type::Template { head, spans }))
    }

    /// At the `}` behind a type in a template.
    fn go_on_with_template(
        &mut self,
        ty: Type<T>,
        first: u32,
        head: T::Name,
    ) -> Result<Step<T>, Error> {
        if !self.at(Kind::CloseBrace) {
            return self.refuse("`}`");
        }
        // The lexer stands behind the brace: what follows is text, not tokens.
        let start = self.lexer.position();
        let (end, is_last) = self.lexer.template_piece()?;
        let text = self.tree.name(&self.lexer.source()[start..end]);
        self.spans.push(Span { ty, text });
        self.advance()?;
        if is_last {
            let spans = Many::new(self.spans.drain(first as usize..), self.tree);
            return Ok(Step::End(Type::Template { head, spans }));
        }
        self.frames.push(Frame::Template { first, head });
        Ok(Step::Begin(Place::Anywhere))
    }

    /// An object or a mapped type.
    fn begin_brace(&mut self) -> Result<Step<T>, Error> {
        self.advance()?;
        let readonly = match self.kind() {
            Kind::Plus => Some(Sign::Add),
            Kind::Minus => Some(Sign::Remove),
            Kind::OpenBracket => {
                let [name, word] = self.ahead();
                let is_mapped = name.kind.is_name() && word.kind == Kind::In;
                is_mapped.then_some(Sign::Keep)
            }
            Kind::Readonly => {
                let [open, name, word] = self.ahead();
                let is_mapped =
                    open.kind == Kind::OpenBracket && name.kind.is_name() && word.kind == Kind::In;
                is_mapped.then_some(Sign::Set)
            }
            _ => None,
        };
        let Some(readonly) = readonly else {
            let first = mark(&self.members);
            let of = Body::ObjectType;
            self.frames.push(Frame::Members { first, of });
            return Ok(Step::More);
        };
        match readonly {
            Sign::Add | Sign::Remove => {
                self.advance()?;
                self.expect(Kind::Readonly, "`readonly`")?;
            }
            Sign::Set => _ = self.bump()?,
            Sign::Keep => {}
        }
        self.expect(Kind::OpenBracket, "`[`")?;
        let key = self.name("the name of a type parameter")?;
        self.expect(Kind::In, "`in`")?;
        self.frames.push(Frame::MappedConstraint { readonly, key });
        Ok(Step::Begin(Place::Anywhere))
    }

    /// At the `]` of a mapped type.
    fn mapped_value(
        &mut self,
        readonly: Sign,
        key: T::Name,
        is_renamed: bool,
    ) -> Result<Step<T>, Error> {
        self.expect(Kind::CloseBracket, "`]`")?;
        let optional = if self.eat(Kind::Question)? {
            Sign::Set
        } else if self.at(Kind::Plus) || self.at(Kind::Minus) {
            let token = self.bump()?;
            self.expect(Kind::Question, "`?`")?;
            if token.kind == Kind::Plus {
                Sign::Add
            } else {
                Sign::Remove
            }
        } else {
            Sign::Keep
        };
        if self.eat(Kind::Colon)? {
            self.frames.push(Frame::MappedValue {
                readonly,
                optional,
                key,
                is_renamed,
            });
            return Ok(Step::Begin(Place::Anywhere));
        }
        self.end_mapped(None, readonly, optional, key, is_renamed)
    }

    fn end_mapped(
        &mut self,
        value: Option<Type<T>>,
        readonly: Sign,
        optional: Sign,
        key: T::Name,
        is_renamed: bool,
    ) -> Result<Step<T>, Error> {
        if !self.eat(Kind::Semicolon)? {
            self.eat(Kind::Comma)?;
        }
        self.expect(Kind::CloseBrace, "`}`")?;
        let renamed = is_renamed.then(|| self.waiting());
        let constraint = self.waiting();
        let mapped = Mapped {
            readonly,
            optional,
            key,
            constraint,
            renamed,
            value,
        };
        Ok(Step::End(Type::Mapped(One::new(mapped, self.tree))))
    }

    /// A type has ended, but for the operators that follow it.
    pub(super) fn end(&mut self, mut ty: Type<T>) -> Result<Step<T>, Error> {
        loop {
            match self.kind() {
                Kind::OpenBracket if self.is_on_line() => {
                    self.advance()?;
                    if !self.eat(Kind::CloseBracket)? {
                        self.types.push(ty);
                        self.frames.push(Frame::Index);
                        return Ok(Step::Begin(Place::Anywhere));
                    }
                    ty = Type::Array(One::new(ty, self.tree));
                }
                Kind::Ampersand => {
                    ty = self.close_operators(ty);
                    if !matches!(self.frames.last(), Some(Frame::Intersection { .. })) {
                        let first = mark(&self.types);
                        self.frames.push(Frame::Intersection { first });
                    }
                    self.types.push(ty);
                    self.advance()?;
                    return Ok(Step::Begin(Place::InIntersection));
                }
                Kind::Pipe => {
                    ty = self.close_intersection(ty);
                    if !matches!(self.frames.last(), Some(Frame::Union { .. })) {
                        let first = mark(&self.types);
                        self.frames.push(Frame::Union { first });
                    }
                    self.types.push(ty);
                    self.advance()?;
                    return Ok(Step::Begin(Place::InUnion));
                }
                Kind::Extends if self.is_on_line() => {
                    ty = self.close_union(ty);
                    if self.may_be_conditional() {
                        self.advance()?;
                        self.types.push(ty);
                        self.frames.push(Frame::Extends);
                        return Ok(Step::Begin(Place::Anywhere));
                    }
                    return self.resume(ty);
                }
                _ => {
                    ty = self.close_union(ty);
                    return self.resume(ty);
                }
            }
        }
    }

    /// Whether an `extends` or a `?` belongs to the type that has just ended, and not to one that itself stands behind
    /// `extends`.
    fn may_be_conditional(&self) -> bool {
        // These end where their last part does. So it stands where they do.
        let ends_with_its_part = |frame: &&Frame<T>| {
            let is_type_of_function = |of: &Signed<T>| {
                matches!(of, Signed::FunctionType | Signed::ConstructorType { .. })
            };
            match frame {
                Frame::Result { of, .. } => is_type_of_function(of),
                Frame::Operator(_)
                | Frame::Intersection { .. }
                | Frame::Union { .. }
                | Frame::Predicate { .. } => true,
                _ => false,
            }
        };
        let owner = (self.frames.iter().rev()).find(|frame| !ends_with_its_part(frame));
        !matches!(owner, Some(Frame::Extends | Frame::InferExtends { .. }))
    }

    fn close_operators(&mut self, mut ty: Type<T>) -> Type<T> {
        while let Some(Frame::Operator(operator)) = self.frames.last() {
            ty = Type::Operator(*operator, One::new(ty, self.tree));
            self.frames.pop();
        }
        ty
    }

    fn close_intersection(&mut self, ty: Type<T>) -> Type<T> {
        let ty = self.close_operators(ty);
        let Some(&Frame::Intersection { first }) = self.frames.last() else {
            return ty;
        };
        self.frames.pop();
        self.types.push(ty);
        Type::Intersection(self.types_from(first))
    }

    fn close_union(&mut self, ty: Type<T>) -> Type<T> {
        let ty = self.close_intersection(ty);
        let Some(&Frame::Union { first }) = self.frames.last() else {
            return ty;
        };
        self.frames.pop();
        self.types.push(ty);
        Type::Union(self.types_from(first))
    }

    /// Gives a complete type to the frame that waits for it.
    fn resume(&mut self, ty: Type<T>) -> Result<Step<T>, Error> {
        let Some(frame) = self.frames.pop() else {
            unreachable!("somebody began this type");
        };
        match frame {
            Frame::Extends => {
                self.expect(Kind::Question, "`?`")?;
                self.types.push(ty);
                self.frames.push(Frame::Then);
                Ok(Step::Begin(Place::Anywhere))
            }
            Frame::Then => {
                self.expect(Kind::Colon, "`:`")?;
                self.types.push(ty);
                self.frames.push(Frame::Otherwise);
                Ok(Step::Begin(Place::Anywhere))
            }
            Frame::Otherwise => {
                let (then, extends, check) = (self.waiting(), self.waiting(), self.waiting());
                let conditional = Conditional {
                    check,
                    extends,
                    then,
                    otherwise: ty,
                };
                Ok(Step::End(Type::Conditional(One::new(
                    conditional,
                    self.tree,
                ))))
            }
            Frame::InferExtends { name } => self.end_infer(name, ty),
            Frame::Parenthesis => {
                self.expect(Kind::CloseParen, "`)`")?;
                Ok(Step::End(ty))
            }
            Frame::Index => {
                self.expect(Kind::CloseBracket, "`]`")?;
                let object = self.waiting();
                Ok(Step::End(Type::Indexed {
                    object: One::new(object, self.tree),
                    index: One::new(ty, self.tree),
                }))
            }
            Frame::Arguments { first, of } => {
                self.types.push(ty);
                if self.eat(Kind::Comma)? {
                    self.frames.push(Frame::Arguments { first, of });
                    return Ok(Step::Begin(Place::Anywhere));
                }
                self.expect(Kind::Greater, "`,` or `>`")?;
                Ok(Step::End(self.named(of, first)))
            }
            Frame::Template { first, head } => self.go_on_with_template(ty, first, head),
            Frame::MappedConstraint { readonly, key } => {
                self.types.push(ty);
                if self.eat(Kind::As)? {
                    self.frames.push(Frame::MappedName { readonly, key });
                    return Ok(Step::Begin(Place::Anywhere));
                }
                self.mapped_value(readonly, key, false)
            }
            Frame::MappedName { readonly, key } => {
                self.types.push(ty);
                self.mapped_value(readonly, key, true)
            }
            Frame::MappedValue {
                readonly,
                optional,
                key,
                is_renamed,
            } => self.end_mapped(Some(ty), readonly, optional, key, is_renamed),
            Frame::Predicate { asserts, subject } => Ok(Step::End(Type::Predicate {
                asserts,
                subject,
                ty: Some(One::new(ty, self.tree)),
            })),
            frame @ (Frame::Element { .. }
            | Frame::TypeParameterExtends { .. }
            | Frame::TypeParameterDefault { .. }
            | Frame::Parameter { .. }
            | Frame::Result { .. }
            | Frame::Property { .. }
            | Frame::IndexKey { .. }
            | Frame::IndexValue { .. }) => self.resume_item(frame, ty),
            frame => self.resume_declaration(frame, ty),
        }
    }

    /// Behind `infer name extends ty`.
    fn end_infer(&mut self, name: T::Name, ty: Type<T>) -> Result<Step<T>, Error> {
        if self.at(Kind::Question) && self.may_be_conditional() {
            // It was the `extends` of a condition. All that was begun before belongs to what is checked.
            let inferred = Type::Infer {
                name,
                constraint: None,
            };
            let check = self.close_union(inferred);
            self.advance()?;
            self.types.extend([check, ty]);
            self.frames.push(Frame::Then);
            return Ok(Step::Begin(Place::Anywhere));
        }
        Ok(Step::End(Type::Infer {
            name,
            constraint: Some(One::new(ty, self.tree)),
        }))
    }
}
