//! What any node has, in the order of the source: for those who go through a tree, whatever it is made of.

use super::tree::{
    Conditional, Declaration, Element, EnumMember, File, Import, Key, Mapped, Member, MemberKind,
    Modifiers, Parameter, Sign, Signature, Span, Statement, Tree, Type, TypeParameter,
};

/// A node of any kind.
pub enum Node<'t, T: Tree> {
    File(&'t File<T>),
    Statement(&'t Statement<T>),
    Type(&'t Type<T>),
    Signature(&'t Signature<T>),
    Element(&'t Element<T>),
    Span(&'t Span<T>),
    Member(&'t Member<T>),
    Parameter(&'t Parameter<T>),
    TypeParameter(&'t TypeParameter<T>),
    EnumMember(&'t EnumMember<T>),
}

impl<T: Tree> Clone for Node<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Tree> Copy for Node<'_, T> {}

impl<T: Tree> Clone for Nodes<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Tree> Copy for Nodes<'_, T> {}

/// Something that a node has.
pub enum Field<'t, T: Tree> {
    Text(&'t str),
    Flag(bool),
    Modifiers(Modifiers),
    Node(Node<'t, T>),
    Nodes(Nodes<'t, T>),
}

/// Nodes side by side.
pub enum Nodes<'t, T: Tree> {
    Statements(&'t [Statement<T>]),
    Types(&'t [Type<T>]),
    Elements(&'t [Element<T>]),
    Spans(&'t [Span<T>]),
    Members(&'t [Member<T>]),
    Parameters(&'t [Parameter<T>]),
    TypeParameters(&'t [TypeParameter<T>]),
    EnumMembers(&'t [EnumMember<T>]),
}

impl<'t, T: Tree> Nodes<'t, T> {
    #[inline(always)]
    pub fn for_each(self, f: impl FnMut(Node<'t, T>)) {
        match self {
            Nodes::Statements(nodes) => nodes.iter().map(Node::Statement).for_each(f),
            Nodes::Types(nodes) => nodes.iter().map(Node::Type).for_each(f),
            Nodes::Elements(nodes) => nodes.iter().map(Node::Element).for_each(f),
            Nodes::Spans(nodes) => nodes.iter().map(Node::Span).for_each(f),
            Nodes::Members(nodes) => nodes.iter().map(Node::Member).for_each(f),
            Nodes::Parameters(nodes) => nodes.iter().map(Node::Parameter).for_each(f),
            Nodes::TypeParameters(nodes) => nodes.iter().map(Node::TypeParameter).for_each(f),
            Nodes::EnumMembers(nodes) => nodes.iter().map(Node::EnumMember).for_each(f),
        }
    }
}

impl<'t, T: Tree> Node<'t, T> {
    /// What the node is called.
    pub fn kind(self) -> &'static str {
        match self {
            Node::File(_) => "File",
            Node::Statement(statement) => match statement.declaration {
                Declaration::Alias { .. } => "Alias",
                Declaration::Interface { .. } => "Interface",
                Declaration::Class { .. } => "Class",
                Declaration::Function { .. } => "Function",
                Declaration::Variable { .. } => "Variable",
                Declaration::Enum { .. } => "Enum",
                Declaration::Namespace { .. } => "Namespace",
                Declaration::Link { .. } => "Link",
            },
            Node::Type(ty) => match ty {
                Type::Keyword(_) => "Keyword",
                Type::Literal { .. } => "Literal",
                Type::Template { .. } => "Template",
                Type::Reference { .. } => "Reference",
                Type::Query { .. } => "Query",
                Type::Import(_) => "Import",
                Type::Array(_) => "Array",
                Type::Tuple(_) => "Tuple",
                Type::Union(_) => "Union",
                Type::Intersection(_) => "Intersection",
                Type::Operator(..) => "Operator",
                Type::Indexed { .. } => "Indexed",
                Type::Conditional(_) => "Conditional",
                Type::Infer { .. } => "Infer",
                Type::Mapped(_) => "Mapped",
                Type::Object(_) => "Object",
                Type::Function(_) => "FunctionType",
                Type::Constructor { .. } => "ConstructorType",
                Type::Predicate { .. } => "Predicate",
            },
            Node::Signature(_) => "Signature",
            Node::Element(_) => "Element",
            Node::Span(_) => "Span",
            Node::Member(member) => match member.kind {
                MemberKind::Property { .. } => "Property",
                MemberKind::Method { .. } => "Method",
                MemberKind::Call(_) => "Call",
                MemberKind::Construct(_) => "Construct",
                MemberKind::Index { .. } => "Index",
            },
            Node::Parameter(_) => "Parameter",
            Node::TypeParameter(_) => "TypeParameter",
            Node::EnumMember(_) => "EnumMember",
        }
    }

    /// Calls `f` with the name and the value of each field. Whoever takes only some kinds of fields pays for no other.
    #[inline(always)]
    pub fn fields(self, f: &mut impl FnMut(&'static str, Field<'t, T>)) {
        match self {
            Node::File(file) => {
                f(
                    "statements",
                    Field::Nodes(Nodes::Statements(&file.statements)),
                );
            }
            Node::Statement(statement) => {
                f("modifiers", Field::Modifiers(statement.modifiers));
                fields_of_declaration(&statement.declaration, f);
            }
            Node::Type(ty) => fields_of_type(ty, f),
            Node::Signature(signature) => {
                f(
                    "typeParameters",
                    Field::Nodes(Nodes::TypeParameters(&signature.type_parameters)),
                );
                f(
                    "parameters",
                    Field::Nodes(Nodes::Parameters(&signature.parameters)),
                );
                optional_type("result", signature.result.as_ref(), f);
            }
            Node::Element(element) => {
                optional_text("label", element.label.as_deref(), f);
                f("optional", Field::Flag(element.is_optional));
                f("rest", Field::Flag(element.is_rest));
                f("type", Field::Node(Node::Type(&element.ty)));
            }
            Node::Span(span) => {
                f("type", Field::Node(Node::Type(&span.ty)));
                f("text", Field::Text(&span.text));
            }
            Node::Member(member) => fields_of_member(member, f),
            Node::Parameter(parameter) => {
                f("name", Field::Text(&parameter.name));
                f("optional", Field::Flag(parameter.is_optional));
                f("rest", Field::Flag(parameter.is_rest));
                optional_type("type", parameter.ty.as_ref(), f);
            }
            Node::TypeParameter(parameter) => {
                f("modifiers", Field::Modifiers(parameter.modifiers));
                f("name", Field::Text(&parameter.name));
                optional_type("constraint", parameter.constraint.as_ref(), f);
                optional_type("default", parameter.default.as_ref(), f);
            }
            Node::EnumMember(member) => {
                key(&member.key, f);
                optional_type("value", member.value.as_ref(), f);
            }
        }
    }
}

#[inline(always)]
fn optional_text<'t, T: Tree + 't>(
    name: &'static str,
    text: Option<&'t str>,
    f: &mut impl FnMut(&'static str, Field<'t, T>),
) {
    if let Some(text) = text {
        f(name, Field::Text(text));
    }
}

#[inline(always)]
fn optional_type<'t, T: Tree>(
    name: &'static str,
    ty: Option<&'t Type<T>>,
    f: &mut impl FnMut(&'static str, Field<'t, T>),
) {
    if let Some(ty) = ty {
        f(name, Field::Node(Node::Type(ty)));
    }
}

#[inline(always)]
fn key<'t, T: Tree>(key: &'t Key<T>, f: &mut impl FnMut(&'static str, Field<'t, T>)) {
    f("key", Field::Text(&key.text));
    f("computed", Field::Flag(key.is_computed));
}

#[inline(always)]
fn fields_of_declaration<'t, T: Tree>(
    declaration: &'t Declaration<T>,
    f: &mut impl FnMut(&'static str, Field<'t, T>),
) {
    match declaration {
        Declaration::Alias {
            name,
            type_parameters,
            ty,
        } => {
            f("name", Field::Text(name));
            f(
                "typeParameters",
                Field::Nodes(Nodes::TypeParameters(type_parameters)),
            );
            f("type", Field::Node(Node::Type(ty)));
        }
        Declaration::Interface {
            name,
            type_parameters,
            extends,
            members,
        } => {
            f("name", Field::Text(name));
            f(
                "typeParameters",
                Field::Nodes(Nodes::TypeParameters(type_parameters)),
            );
            f("extends", Field::Nodes(Nodes::Types(extends)));
            f("members", Field::Nodes(Nodes::Members(members)));
        }
        Declaration::Class {
            name,
            type_parameters,
            extends,
            implements,
            members,
        } => {
            f("name", Field::Text(name));
            f(
                "typeParameters",
                Field::Nodes(Nodes::TypeParameters(type_parameters)),
            );
            optional_type("extends", extends.as_ref(), f);
            f("implements", Field::Nodes(Nodes::Types(implements)));
            f("members", Field::Nodes(Nodes::Members(members)));
        }
        Declaration::Function { name, signature } => {
            f("name", Field::Text(name));
            f("signature", Field::Node(Node::Signature(signature)));
        }
        Declaration::Variable {
            word,
            name,
            ty,
            value,
        } => {
            f("word", Field::Text(word.word()));
            f("name", Field::Text(name));
            optional_type("type", ty.as_ref(), f);
            optional_type("value", value.as_ref(), f);
        }
        Declaration::Enum { name, members } => {
            f("name", Field::Text(name));
            f("members", Field::Nodes(Nodes::EnumMembers(members)));
        }
        Declaration::Namespace {
            word,
            name,
            statements,
        } => {
            f("word", Field::Text(word.word()));
            f("name", Field::Text(name));
            if let Some(statements) = statements {
                f("statements", Field::Nodes(Nodes::Statements(statements)));
            }
        }
        Declaration::Link { words } => f("words", Field::Text(words)),
    }
}

#[inline(always)]
fn fields_of_type<'t, T: Tree>(ty: &'t Type<T>, f: &mut impl FnMut(&'static str, Field<'t, T>)) {
    match ty {
        Type::Keyword(keyword) => f("word", Field::Text(keyword.word())),
        Type::Literal { kind, text } => {
            f("literal", Field::Text(kind.word()));
            f("text", Field::Text(text));
        }
        Type::Template { head, spans } => {
            f("head", Field::Text(head));
            f("spans", Field::Nodes(Nodes::Spans(spans)));
        }
        Type::Reference { name, arguments } | Type::Query { name, arguments } => {
            f("name", Field::Text(name));
            f("arguments", Field::Nodes(Nodes::Types(arguments)));
        }
        Type::Import(import) => {
            let Import {
                is_query,
                module,
                name,
                arguments,
            } = &**import;
            f("query", Field::Flag(*is_query));
            f("module", Field::Text(module));
            optional_text("name", name.as_deref(), f);
            f("arguments", Field::Nodes(Nodes::Types(arguments)));
        }
        Type::Array(element) => f("element", Field::Node(Node::Type(element))),
        Type::Tuple(elements) => f("elements", Field::Nodes(Nodes::Elements(elements))),
        Type::Union(types) | Type::Intersection(types) => {
            f("types", Field::Nodes(Nodes::Types(types)));
        }
        Type::Operator(operator, ty) => {
            f("operator", Field::Text(operator.word()));
            f("type", Field::Node(Node::Type(ty)));
        }
        Type::Indexed { object, index } => {
            f("object", Field::Node(Node::Type(object)));
            f("index", Field::Node(Node::Type(index)));
        }
        Type::Conditional(conditional) => {
            let Conditional {
                check,
                extends,
                then,
                otherwise,
            } = &**conditional;
            f("check", Field::Node(Node::Type(check)));
            f("extends", Field::Node(Node::Type(extends)));
            f("then", Field::Node(Node::Type(then)));
            f("otherwise", Field::Node(Node::Type(otherwise)));
        }
        Type::Infer { name, constraint } => {
            f("name", Field::Text(name));
            optional_type("constraint", constraint.as_deref(), f);
        }
        Type::Mapped(mapped) => fields_of_mapped(mapped, f),
        Type::Object(members) => f("members", Field::Nodes(Nodes::Members(members))),
        Type::Function(signature) => f("signature", Field::Node(Node::Signature(signature))),
        Type::Constructor {
            is_abstract,
            signature,
        } => {
            f("abstract", Field::Flag(*is_abstract));
            f("signature", Field::Node(Node::Signature(signature)));
        }
        Type::Predicate {
            asserts,
            subject,
            ty,
        } => {
            f("asserts", Field::Flag(*asserts));
            f("subject", Field::Text(subject));
            optional_type("type", ty.as_deref(), f);
        }
    }
}

#[inline(always)]
fn fields_of_mapped<'t, T: Tree>(
    mapped: &'t Mapped<T>,
    f: &mut impl FnMut(&'static str, Field<'t, T>),
) {
    let sign = |sign: Sign| (sign != Sign::Keep).then(|| sign.word());
    optional_text("readonly", sign(mapped.readonly), f);
    optional_text("optional", sign(mapped.optional), f);
    f("key", Field::Text(&mapped.key));
    f("constraint", Field::Node(Node::Type(&mapped.constraint)));
    optional_type("renamed", mapped.renamed.as_ref(), f);
    optional_type("value", mapped.value.as_ref(), f);
}

#[inline(always)]
fn fields_of_member<'t, T: Tree>(
    member: &'t Member<T>,
    f: &mut impl FnMut(&'static str, Field<'t, T>),
) {
    f("modifiers", Field::Modifiers(member.modifiers));
    match &member.kind {
        MemberKind::Property { key: name, ty } => {
            key(name, f);
            optional_type("type", ty.as_ref(), f);
        }
        MemberKind::Method {
            key: name,
            signature,
        } => {
            key(name, f);
            f("signature", Field::Node(Node::Signature(signature)));
        }
        MemberKind::Call(signature) | MemberKind::Construct(signature) => {
            f("signature", Field::Node(Node::Signature(signature)));
        }
        MemberKind::Index {
            name,
            key: index,
            value,
        } => {
            f("name", Field::Text(name));
            f("key", Field::Node(Node::Type(index)));
            f("value", Field::Node(Node::Type(value)));
        }
    }
}
