//! Declarations that nobody wrote, as many as wanted: the same ones for the same seed.

use std::fmt::Write;

/// A source with so many declarations, in the mixture that descriptions of libraries have: interfaces most of all, with
/// comments, and types that are mostly short.
pub fn generate(declarations: usize, seed: u64) -> String {
    let mut generator = Generator {
        random: Random::new(seed),
        out: String::new(),
        scope: Vec::new(),
    };
    let mut left = declarations;
    while left > 0 {
        left -= generator.declaration(left, 0);
        generator.out.push('\n');
    }
    generator.out
}

/// Numbers that are the same in each run.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        // Never zero, of which nothing else would follow.
        Random((seed ^ 0x9E37_79B9_7F4A_7C15).max(1))
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // The upper bits are the better ones.
        ((self.0 >> 32) % end as u64) as usize
    }

    fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    fn pick<'x>(&mut self, words: &[&'x str]) -> &'x str {
        words[self.below(words.len())]
    }
}

const NOUNS: [&str; 24] = [
    "Node", "Element", "Request", "Response", "Stream", "Buffer", "Event", "Handler", "Options",
    "Result", "State", "Context", "Session", "Token", "Cache", "Query", "Record", "Schema", "Type",
    "Value", "Key", "Entry", "Worker", "Channel",
];

const PREFIXES: [&str; 20] = [
    "Abstract", "Async", "Base", "Client", "Custom", "Default", "Dynamic", "Global", "Inner",
    "Local", "Mutable", "Nested", "Partial", "Public", "Remote", "Secure", "Server", "Shared",
    "Static", "Typed",
];

const PROPERTIES: [&str; 32] = [
    "id", "name", "value", "type", "options", "children", "parent", "length", "index", "data",
    "error", "status", "headers", "body", "path", "query", "params", "callback", "listener",
    "target", "source", "start", "end", "width", "height", "color", "label", "title", "message",
    "timeout", "signal", "default",
];

const WORDS: [&str; 16] = [
    "the", "value", "of", "this", "object", "when", "called", "returns", "a", "new", "list", "or",
    "nothing", "if", "set", "to",
];

struct Generator {
    random: Random,
    out: String,
    /// The type parameters that may be used.
    scope: Vec<&'static str>,
}

impl Generator {
    /// Writes a declaration, of at most so many, and answers of how many it consists.
    fn declaration(&mut self, most: usize, depth: usize) -> usize {
        self.comment(depth);
        self.indent(depth);
        let word = self
            .random
            .pick(&["export ", "export declare ", "declare "]);
        self.out += word;
        match self.random.below(20) {
            0 if most >= 3 && depth < 3 => return self.namespace(most, depth),
            0..=8 => self.interface(depth),
            9..=12 => {
                self.out += "type ";
                self.type_name();
                self.type_parameters();
                self.out += " = ";
                self.ty(4, depth);
                self.out += ";\n";
                self.scope.clear();
            }
            13..=15 => {
                self.out += "function ";
                self.property();
                self.signature(": ", 2, depth);
                self.out += ";\n";
                self.scope.clear();
            }
            16 => self.class(depth),
            17 => self.enumeration(depth),
            _ => {
                self.out += "const ";
                self.property();
                self.out += ": ";
                self.ty(3, depth);
                self.out += ";\n";
            }
        }
        1
    }

    fn namespace(&mut self, most: usize, depth: usize) -> usize {
        self.out += "namespace ";
        self.type_name();
        self.out += " {\n";
        let wanted = (1 + self.random.below(6)).min(most - 1);
        let mut inside = 0;
        while inside < wanted {
            inside += self.declaration(wanted - inside, depth + 1);
        }
        self.indent(depth);
        self.out += "}\n";
        inside + 1
    }

    fn interface(&mut self, depth: usize) {
        self.out += "interface ";
        self.type_name();
        self.type_parameters();
        for place in 0..self.random.below(3) {
            self.out += if place == 0 { " extends " } else { ", " };
            self.reference(1, depth);
        }
        self.out += " {\n";
        for _ in 0..1 + self.random.below(9) {
            self.comment(depth + 1);
            self.indent(depth + 1);
            self.member(2, depth + 1);
            self.out += ";\n";
        }
        self.indent(depth);
        self.out += "}\n";
        self.scope.clear();
    }

    fn class(&mut self, depth: usize) {
        self.out += "class ";
        self.type_name();
        self.type_parameters();
        if self.random.one_in(2) {
            self.out += " extends ";
            self.reference(1, depth);
        }
        if self.random.one_in(3) {
            self.out += " implements ";
            self.reference(1, depth);
        }
        self.out += " {\n";
        if self.random.one_in(2) {
            self.indent(depth + 1);
            self.out += "constructor(";
            self.parameters(2, depth + 1);
            self.out += ");\n";
        }
        for _ in 0..1 + self.random.below(6) {
            self.indent(depth + 1);
            let word = (self.random).pick(&["", "", "static ", "private ", "protected ", "get "]);
            self.out += word;
            if word == "get " {
                self.property();
                self.out += "(): ";
                self.ty(2, depth + 1);
            } else {
                self.named_member(2, depth + 1);
            }
            self.out += ";\n";
        }
        self.indent(depth);
        self.out += "}\n";
        self.scope.clear();
    }

    fn enumeration(&mut self, depth: usize) {
        self.out += self.random.pick(&["enum ", "const enum "]);
        self.type_name();
        self.out += " {\n";
        let is_named = self.random.one_in(2);
        for value in 0..2 + self.random.below(8) {
            self.indent(depth + 1);
            self.type_name();
            let value = value as i64 - 1;
            let _ = match is_named {
                true => write!(self.out, " = \"value-{value}\""),
                false => write!(self.out, " = {value}"),
            };
            self.out += ",\n";
        }
        self.indent(depth);
        self.out += "}\n";
    }

    fn indent(&mut self, depth: usize) {
        for _ in 0..depth {
            self.out += "    ";
        }
    }

    fn comment(&mut self, depth: usize) {
        let is_long = match self.random.below(6) {
            0 | 1 => true,
            2 => false,
            _ => return,
        };
        self.indent(depth);
        self.out += if is_long { "/**" } else { "//" };
        for _ in 0..4 + self.random.below(12) {
            self.out.push(' ');
            self.out += self.random.pick(&WORDS);
        }
        self.out += if is_long { ". */\n" } else { ".\n" };
    }

    fn type_name(&mut self) {
        if self.random.one_in(2) {
            self.out += self.random.pick(&PREFIXES);
        }
        self.out += self.random.pick(&NOUNS);
        if self.random.one_in(4) {
            let number = self.random.below(100);
            let _ = write!(self.out, "{number}");
        }
    }

    fn property(&mut self) {
        self.out += self.random.pick(&PROPERTIES);
        // Names that are not words of the language.
        self.out += self.random.pick(&["Of", "By", "Count", "Id", "At"]);
    }

    fn type_parameters(&mut self) {
        if !self.random.one_in(3) {
            return;
        }
        let names = ["T", "U", "K", "V"];
        let count = 1 + self.random.below(3);
        self.out.push('<');
        for (place, name) in names.into_iter().take(count).enumerate() {
            if place > 0 {
                self.out += ", ";
            }
            self.out += name;
            match self.random.below(5) {
                0 => self.out += " extends object",
                1 if place > 0 => self.out += " extends keyof T",
                2 => self.out += " extends string = string",
                _ => {}
            }
            self.scope.push(name);
        }
        self.out.push('>');
    }

    fn signature(&mut self, before_result: &str, height: usize, depth: usize) {
        self.out.push('(');
        self.parameters(height, depth);
        self.out.push(')');
        self.out += before_result;
        self.ty(height, depth);
    }

    fn parameters(&mut self, height: usize, depth: usize) {
        let count = self.random.below(4);
        for place in 0..count {
            if place > 0 {
                self.out += ", ";
            }
            if place + 1 == count && self.random.one_in(6) {
                self.out += "...args: ";
                self.ty(0, depth);
                self.out += "[]";
                continue;
            }
            self.property();
            self.out += if self.random.one_in(4) { "?: " } else { ": " };
            self.ty(height.min(2), depth);
        }
    }

    fn member(&mut self, height: usize, depth: usize) {
        match self.random.below(16) {
            0 => {
                self.out += "[key: string]: ";
                self.ty(height, depth);
            }
            1 => self.signature(": ", height, depth),
            2 => {
                self.out += "new ";
                self.signature(": ", height, depth);
            }
            3 => {
                self.out += "readonly ";
                self.named_member(height, depth);
            }
            4 => {
                self.out += "\"data-";
                self.property();
                self.out += "\": ";
                self.ty(height, depth);
            }
            5 => {
                self.out += "[Symbol.iterator]";
                self.signature(": ", height, depth);
            }
            _ => self.named_member(height, depth),
        }
    }

    fn named_member(&mut self, height: usize, depth: usize) {
        self.property();
        if self.random.one_in(3) {
            self.out.push('?');
        }
        if self.random.one_in(3) {
            self.signature(": ", height, depth);
        } else {
            self.out += ": ";
            self.ty(height, depth);
        }
    }

    fn reference(&mut self, height: usize, depth: usize) {
        if self.random.one_in(10) {
            self.type_name();
            self.out.push('.');
        }
        self.type_name();
        if height > 0 && self.random.one_in(3) {
            self.out.push('<');
            for place in 0..1 + self.random.below(2) {
                if place > 0 {
                    self.out += ", ";
                }
                self.ty(height - 1, depth);
            }
            self.out.push('>');
        }
    }

    /// A type of at most this height.
    fn ty(&mut self, height: usize, depth: usize) {
        if height == 0 || self.random.one_in(3) {
            return self.short_type(depth);
        }
        let height = height - 1;
        match self.random.below(20) {
            0..=2 => self.reference(height + 1, depth),
            3..=5 => self.joined(" | ", height, depth),
            6 => self.joined(" & ", height, depth),
            7 | 8 => {
                self.operand(height, depth);
                self.out += "[]";
            }
            9 => self.tuple(height, depth),
            10 | 11 => self.signature(" => ", height, depth),
            12 => {
                self.out += "new ";
                self.signature(" => ", height, depth);
            }
            13 => {
                let word = self.random.pick(&["keyof ", "readonly "]);
                self.out += word;
                self.operand(height, depth);
                if word == "readonly " {
                    self.out += "[]";
                }
            }
            14 => {
                self.operand(height, depth);
                self.out.push('[');
                self.ty(0, depth);
                self.out.push(']');
            }
            15 => self.conditional(height, depth),
            16 => self.mapped(height, depth),
            17 => {
                self.out += "`item-${";
                self.ty(0, depth);
                self.out += "}-${number}`";
            }
            18 => {
                self.out += "typeof ";
                self.property();
            }
            _ => {
                self.out += "{\n";
                for _ in 0..1 + self.random.below(4) {
                    self.indent(depth + 1);
                    self.member(height, depth + 1);
                    self.out += ";\n";
                }
                self.indent(depth);
                self.out.push('}');
            }
        }
    }

    fn short_type(&mut self, depth: usize) {
        match self.random.below(12) {
            0..=5 => {
                self.out += self.random.pick(&[
                    "string",
                    "string",
                    "number",
                    "number",
                    "boolean",
                    "boolean",
                    "unknown",
                    "void",
                    "undefined",
                    "null",
                    "any",
                    "this",
                    "bigint",
                    "never",
                ]);
            }
            6 if !self.scope.is_empty() => {
                let name = self.scope[self.random.below(self.scope.len())];
                self.out += name;
            }
            7 => {
                let number = self.random.below(1000);
                let _ = match self.random.below(4) {
                    0 => write!(self.out, "{number}n"),
                    1 => write!(self.out, "-{number}"),
                    _ => write!(self.out, "{number}"),
                };
            }
            8 => {
                let word = self.random.pick(&PROPERTIES);
                let _ = write!(self.out, "\"{word}\"");
            }
            _ => self.reference(0, depth),
        }
    }

    /// A type that something follows or precedes which belongs to it as a whole.
    fn operand(&mut self, height: usize, depth: usize) {
        if height == 0 || self.random.one_in(2) {
            return self.reference(0, depth);
        }
        self.out.push('(');
        self.ty(height, depth);
        self.out.push(')');
    }

    fn joined(&mut self, separator: &str, height: usize, depth: usize) {
        for place in 0..2 + self.random.below(4) {
            if place > 0 {
                self.out += separator;
            }
            if self.random.one_in(4) {
                self.operand(height, depth);
            } else {
                self.short_type(depth);
            }
        }
    }

    fn tuple(&mut self, height: usize, depth: usize) {
        let is_labelled = self.random.one_in(2);
        self.out.push('[');
        for place in 0..self.random.below(4) {
            if place > 0 {
                self.out += ", ";
            }
            if is_labelled {
                self.property();
                self.out += ": ";
            }
            self.ty(height, depth);
        }
        self.out.push(']');
    }

    fn conditional(&mut self, height: usize, depth: usize) {
        self.operand(height, depth);
        self.out += " extends ";
        if self.random.one_in(2) {
            self.out += "Promise<infer R>";
        } else {
            self.operand(height, depth);
        }
        self.out += " ? ";
        self.ty(height, depth);
        self.out += " : ";
        self.ty(height, depth);
    }

    fn mapped(&mut self, height: usize, depth: usize) {
        self.out += self
            .random
            .pick(&["{ [P in keyof ", "{ readonly [P in keyof "]);
        self.reference(0, depth);
        self.out += self
            .random
            .pick(&["]: ", "]?: ", "]-?: ", " as `get${P}`]: "]);
        self.ty(height, depth);
        self.out += " }";
    }
}
