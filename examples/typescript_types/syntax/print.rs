//! From a tree back to text: the same declarations, in one layout.
//!
//! What is read from that text is the same tree again. Comments are not part of a tree, nor are parentheses, which are
//! written where they are needed.

use super::node::{Node, Nodes};
use super::tree::{
    Conditional, Declaration, Element, EnumMember, File, Import, Key, Mapped, Member, MemberKind,
    Modifiers, Parameter, Sign, Signature, Statement, Tree, Type, TypeParameter,
};

pub fn print<T: Tree>(file: &File<T>) -> String {
    let mut printer = Printer {
        out: String::new(),
        indent: 0,
        later: Vec::new(),
        next: Vec::new(),
    };
    printer.node(Node::File(file));
    loop {
        // The last comes out first.
        printer.later.extend(printer.next.drain(..).rev());
        match printer.later.pop() {
            Some(part) => printer.write(part),
            None => break printer.out,
        }
    }
}

/// How much a type must hold together, to stand somewhere without parentheses. Each level includes those below.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Any,
    /// Where an `extends` or a `?` could follow.
    Union,
    Intersection,
    Operator,
    /// Where a `[` could follow.
    Postfix,
}

/// What is still to be written.
enum Part<'t, T: Tree> {
    Text(&'t str),
    Line,
    Indent,
    Outdent,
    Node(Node<'t, T>),
    Type(&'t Type<T>, Level),
}

struct Printer<'t, T: Tree> {
    out: String,
    indent: usize,
    later: Vec<Part<'t, T>>,
    /// What the part that is being written consists of.
    next: Vec<Part<'t, T>>,
}

impl<'t, T: Tree> Printer<'t, T> {
    /// Indented further than this nobody could read it, and lines get longer than what is on them.
    const MOST_INDENTED: usize = 32;

    fn write(&mut self, part: Part<'t, T>) {
        match part {
            Part::Text(text) => self.out += text,
            Part::Line => {
                self.out.push('\n');
                for _ in 0..self.indent.min(Self::MOST_INDENTED) {
                    self.out += "  ";
                }
            }
            Part::Indent => self.indent += 1,
            Part::Outdent => self.indent -= 1,
            Part::Node(node) => self.node(node),
            Part::Type(ty, level) => {
                let is_loose = level_of(ty) < level;
                self.text(if is_loose { "(" } else { "" });
                self.ty(ty);
                self.text(if is_loose { ")" } else { "" });
            }
        }
    }

    fn text(&mut self, text: &'t str) {
        self.next.push(Part::Text(text));
    }

    fn texts<const N: usize>(&mut self, texts: [&'t str; N]) {
        self.next.extend(texts.map(Part::Text));
    }

    fn at(&mut self, ty: &'t Type<T>, level: Level) {
        self.next.push(Part::Type(ty, level));
    }

    fn any(&mut self, ty: &'t Type<T>) {
        self.at(ty, Level::Any);
    }

    /// A type behind something, if there is one.
    fn after(&mut self, before: &'static str, ty: Option<&'t Type<T>>) {
        if let Some(ty) = ty {
            self.text(before);
            self.any(ty);
        }
    }

    fn flag(&mut self, is_set: bool, text: &'static str) {
        if is_set {
            self.text(text);
        }
    }

    fn list(&mut self, nodes: Nodes<'t, T>, separator: &'static str) {
        let mut is_first = true;
        nodes.for_each(|node| {
            if !is_first {
                self.text(separator);
            }
            is_first = false;
            self.next.push(Part::Node(node));
        });
    }

    /// Types with something between, each of which holds together so much.
    fn types(&mut self, types: &'t [Type<T>], separator: &'static str, level: Level) {
        for (place, ty) in types.iter().enumerate() {
            self.flag(place > 0, separator);
            self.at(ty, level);
        }
    }

    /// Nodes in braces, each on a line of its own.
    fn block(&mut self, nodes: Nodes<'t, T>, end: &'static str) {
        self.text("{");
        self.next.push(Part::Indent);
        let empty = self.next.len();
        nodes.for_each(|node| {
            self.next.push(Part::Line);
            self.next.push(Part::Node(node));
            self.text(end);
        });
        let is_empty = self.next.len() == empty;
        self.next.push(Part::Outdent);
        if !is_empty {
            self.next.push(Part::Line);
        }
        self.text("}");
    }

    fn modifiers(&mut self, modifiers: Modifiers) {
        for word in modifiers.words() {
            self.texts([word, " "]);
        }
    }

    fn key(&mut self, key: &'t Key<T>) {
        self.flag(key.is_computed, "[");
        self.text(&key.text);
        self.flag(key.is_computed, "]");
    }

    fn arguments(&mut self, arguments: &'t [Type<T>]) {
        if !arguments.is_empty() {
            self.text("<");
            self.types(arguments, ", ", Level::Any);
            self.text(">");
        }
    }

    fn type_parameters(&mut self, parameters: &'t [TypeParameter<T>]) {
        if !parameters.is_empty() {
            self.text("<");
            self.list(Nodes::TypeParameters(parameters), ", ");
            self.text(">");
        }
    }

    /// A signature, with what stands before its result.
    fn signature(&mut self, signature: &'t Signature<T>, before_result: &'static str) {
        self.type_parameters(&signature.type_parameters);
        self.text("(");
        self.list(Nodes::Parameters(&signature.parameters), ", ");
        self.text(")");
        self.after(before_result, signature.result.as_ref());
    }

    fn node(&mut self, node: Node<'t, T>) {
        match node {
            Node::File(file) => {
                for statement in file.statements.iter() {
                    self.next.push(Part::Node(Node::Statement(statement)));
                    self.next.push(Part::Line);
                }
            }
            Node::Statement(statement) => self.statement(statement),
            Node::Type(ty) => self.ty(ty),
            Node::Signature(signature) => self.signature(signature, ": "),
            Node::Element(element) => self.element(element),
            Node::Span(span) => {
                self.text("${");
                self.any(&span.ty);
                self.texts(["}", &span.text]);
            }
            Node::Member(member) => self.member(member),
            Node::Parameter(parameter) => self.parameter(parameter),
            Node::TypeParameter(parameter) => {
                self.modifiers(parameter.modifiers);
                self.text(&parameter.name);
                self.after(" extends ", parameter.constraint.as_ref());
                self.after(" = ", parameter.default.as_ref());
            }
            Node::EnumMember(EnumMember { key, value }) => {
                self.key(key);
                self.after(" = ", value.as_ref());
            }
        }
    }

    fn statement(&mut self, statement: &'t Statement<T>) {
        self.modifiers(statement.modifiers);
        match &statement.declaration {
            Declaration::Alias {
                name,
                type_parameters,
                ty,
            } => {
                self.texts(["type ", name]);
                self.type_parameters(type_parameters);
                self.text(" = ");
                self.any(ty);
                self.text(";");
            }
            Declaration::Interface {
                name,
                type_parameters,
                extends,
                members,
            } => {
                self.texts(["interface ", name]);
                self.type_parameters(type_parameters);
                self.flag(!extends.is_empty(), " extends ");
                self.types(extends, ", ", Level::Postfix);
                self.text(" ");
                self.block(Nodes::Members(members), ";");
            }
            Declaration::Class {
                name,
                type_parameters,
                extends,
                implements,
                members,
            } => {
                self.texts(["class ", name]);
                self.type_parameters(type_parameters);
                self.after(" extends ", extends.as_ref());
                self.flag(!implements.is_empty(), " implements ");
                self.types(implements, ", ", Level::Postfix);
                self.text(" ");
                self.block(Nodes::Members(members), ";");
            }
            Declaration::Function { name, signature } => {
                self.texts(["function ", name]);
                self.signature(signature, ": ");
                self.text(";");
            }
            Declaration::Variable {
                word,
                name,
                ty,
                value,
            } => {
                self.texts([word.word(), " ", name]);
                self.after(": ", ty.as_ref());
                self.after(" = ", value.as_ref());
                self.text(";");
            }
            Declaration::Enum { name, members } => {
                self.texts(["enum ", name, " "]);
                self.block(Nodes::EnumMembers(members), ",");
            }
            Declaration::Namespace {
                word,
                name,
                statements,
            } => {
                // The global one has no other name than its word.
                let word = word.word();
                self.text(word);
                if word != &**name {
                    self.texts([" ", name]);
                }
                match statements {
                    Some(statements) => {
                        self.text(" ");
                        self.block(Nodes::Statements(statements), "");
                    }
                    None => self.text(";"),
                }
            }
            Declaration::Link { words } => self.texts([words, ";"]),
        }
    }

    fn element(&mut self, element: &'t Element<T>) {
        self.flag(element.is_rest, "...");
        match &element.label {
            Some(label) => {
                self.text(label);
                self.flag(element.is_optional, "?");
                self.text(": ");
                self.any(&element.ty);
            }
            None if element.is_optional => {
                self.at(&element.ty, Level::Postfix);
                self.text("?");
            }
            None => self.any(&element.ty),
        }
    }

    fn parameter(&mut self, parameter: &'t Parameter<T>) {
        self.flag(parameter.is_rest, "...");
        self.text(&parameter.name);
        self.flag(parameter.is_optional, "?");
        self.after(": ", parameter.ty.as_ref());
    }

    fn member(&mut self, member: &'t Member<T>) {
        self.modifiers(member.modifiers);
        let is_optional = member.modifiers.has(Modifiers::OPTIONAL);
        match &member.kind {
            MemberKind::Property { key, ty } => {
                self.key(key);
                self.flag(is_optional, "?");
                self.after(": ", ty.as_ref());
            }
            MemberKind::Method { key, signature } => {
                self.key(key);
                self.flag(is_optional, "?");
                self.signature(signature, ": ");
            }
            MemberKind::Call(signature) => self.signature(signature, ": "),
            MemberKind::Construct(signature) => {
                self.text("new ");
                self.signature(signature, ": ");
            }
            MemberKind::Index { name, key, value } => {
                self.texts(["[", name, ": "]);
                self.any(key);
                self.text("]: ");
                self.any(value);
            }
        }
    }

    fn ty(&mut self, ty: &'t Type<T>) {
        match ty {
            Type::Keyword(keyword) => self.text(keyword.word()),
            Type::Literal { text, .. } => self.text(text),
            Type::Template { head, spans } => {
                self.texts(["`", head]);
                self.list(Nodes::Spans(spans), "");
                self.text("`");
            }
            Type::Reference { name, arguments } => {
                self.text(name);
                self.arguments(arguments);
            }
            Type::Query { name, arguments } => {
                self.texts(["typeof ", name]);
                self.arguments(arguments);
            }
            Type::Import(import) => {
                let Import {
                    is_query,
                    module,
                    name,
                    arguments,
                } = &**import;
                self.flag(*is_query, "typeof ");
                self.texts(["import(", module, ")"]);
                if let Some(name) = name {
                    self.texts([".", name]);
                }
                self.arguments(arguments);
            }
            Type::Array(element) => {
                self.at(element, Level::Postfix);
                self.text("[]");
            }
            Type::Tuple(elements) => {
                self.text("[");
                self.list(Nodes::Elements(elements), ", ");
                self.text("]");
            }
            Type::Union(types) => self.types(types, " | ", Level::Intersection),
            Type::Intersection(types) => self.types(types, " & ", Level::Operator),
            Type::Operator(operator, ty) => {
                self.texts([operator.word(), " "]);
                self.at(ty, Level::Operator);
            }
            Type::Indexed { object, index } => {
                self.at(object, Level::Postfix);
                self.text("[");
                self.any(index);
                self.text("]");
            }
            Type::Conditional(conditional) => {
                let Conditional {
                    check,
                    extends,
                    then,
                    otherwise,
                } = &**conditional;
                self.at(check, Level::Union);
                self.text(" extends ");
                self.at(extends, Level::Union);
                self.text(" ? ");
                self.any(then);
                self.text(" : ");
                self.any(otherwise);
            }
            Type::Infer { name, constraint } => {
                self.texts(["infer ", name]);
                if let Some(constraint) = constraint {
                    self.text(" extends ");
                    self.at(constraint, Level::Union);
                }
            }
            Type::Mapped(mapped) => self.mapped(mapped),
            Type::Object(members) => self.block(Nodes::Members(members), ";"),
            Type::Function(signature) => self.signature(signature, " => "),
            Type::Constructor {
                is_abstract,
                signature,
            } => {
                self.flag(*is_abstract, "abstract ");
                self.text("new ");
                self.signature(signature, " => ");
            }
            Type::Predicate {
                asserts,
                subject,
                ty,
            } => {
                self.flag(*asserts, "asserts ");
                self.text(subject);
                self.after(" is ", ty.as_deref());
            }
        }
    }

    fn mapped(&mut self, mapped: &'t Mapped<T>) {
        let mark = |sign: Sign| match sign {
            Sign::Keep | Sign::Set => "",
            Sign::Add | Sign::Remove => sign.word(),
        };
        self.text("{ ");
        if mapped.readonly != Sign::Keep {
            self.texts([mark(mapped.readonly), "readonly "]);
        }
        self.texts(["[", &mapped.key, " in "]);
        self.any(&mapped.constraint);
        self.after(" as ", mapped.renamed.as_ref());
        self.text("]");
        if mapped.optional != Sign::Keep {
            self.texts([mark(mapped.optional), "?"]);
        }
        self.after(": ", mapped.value.as_ref());
        self.text(" }");
    }
}

/// How much a type holds together.
fn level_of<T: Tree>(ty: &Type<T>) -> Level {
    match ty {
        Type::Function(_)
        | Type::Constructor { .. }
        | Type::Conditional(_)
        | Type::Predicate { .. }
        | Type::Infer {
            constraint: Some(_),
            ..
        } => Level::Any,
        Type::Union(_) => Level::Union,
        Type::Intersection(_) => Level::Intersection,
        Type::Operator(..) | Type::Infer { .. } => Level::Operator,
        _ => Level::Postfix,
    }
}
