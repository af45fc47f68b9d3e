//! The parser of `examples/typescript_types`: what it understands, what it refuses, and that it does so without a deep stack.
#![cfg(all(feature = "collections", not(miri)))]

#[path = "support/properties.rs"]
mod properties;
#[path = "../examples/typescript_types/syntax/mod.rs"]
mod syntax;

use std::fs;
use std::path::Path;
use std::thread;

use properties::properties;
use proptest::prelude::*;
use serde_json::Value;

use crate::syntax::visit::{Census, Visitor, walk};
use crate::syntax::{Error, Node, arena, generate, heap, json, print, tree};

/// Reads a source into both trees, and prints it. What is read from that must be the same, in both.
fn printed(source: &str) -> String {
    let on_heap = heap::parse(source).unwrap_or_else(|error| panic!("{error} in {source:?}"));
    let text = print::print(on_heap.file());
    let tree = json::to_string(Node::File(on_heap.file()));

    let in_arena = arena::parse(source).unwrap();
    in_arena.with(|file| {
        assert_eq!(tree, json::to_string(Node::File(file)));
        assert_eq!(text, print::print(file));
        assert_eq!(
            Census::of(Node::File(on_heap.file())),
            Census::of(Node::File(file))
        );
    });

    let again = heap::parse(&text).unwrap_or_else(|error| panic!("{error} in {text:?}"));
    assert_eq!(tree, json::to_string(Node::File(again.file())), "{text}");
    assert_eq!(text, print::print(again.file()));
    text
}

/// Types that are printed as they are written here.
#[track_caller]
fn types_stay(types: &[&str]) {
    for ty in types {
        assert_eq!(
            printed(&format!("type A = {ty};")),
            format!("type A = {ty};\n")
        );
    }
}

#[track_caller]
fn type_becomes(ty: &str, expected: &str) {
    assert_eq!(
        printed(&format!("type A = {ty}")),
        format!("type A = {expected};\n")
    );
}

#[track_caller]
fn error_of(source: &str) -> String {
    let error = heap::parse(source)
        .err()
        .expect("it is refused")
        .to_string();
    assert_eq!(
        arena::parse(source).err().expect("here too").to_string(),
        error
    );
    error
}

/// The fields of the only declaration.
fn fields(source: &str) -> Value {
    let parsed = arena::parse(source).unwrap();
    let mut document: Value =
        serde_json::from_str(&parsed.with(|file| json::to_string(Node::File(file)))).unwrap();
    document["statements"][0].take()
}

#[test]
fn types_of_each_kind() {
    types_stay(&[
        "string",
        "unique symbol",
        "\"text\"",
        "'text with \\' in it'",
        "-12.5e+3",
        "0xFF_n",
        "10n",
        "true",
        "`plain`",
        "`a${string}b${number | \"x\"}`",
        "`${A}${B}`",
        "A.B.C<D, E<F<G>>>",
        "typeof a.b",
        "typeof this.x",
        "typeof f<string>",
        "import(\"./a\").B.C<D>",
        "typeof import(\"./a\")",
        "A[]",
        "A[][\"b\"][number]",
        "readonly string[]",
        "keyof typeof x",
        "[]",
        "[a: A, b?: B, ...rest: C[]]",
        "[A, B?, ...C[]]",
        "[(() => void)?]",
        "A | B & C | D",
        "(A | B) & C",
        "A | (B | C)",
        "(A & B) & C",
        "(keyof A)[]",
        "(A | B)[]",
        "() => void",
        "(this: A, a, b?: B, ...c: C[]) => D | E",
        "<T extends A = B, const U>(a: T) => U",
        "new (a: A) => B",
        "abstract new () => object",
        "(() => void) | (new () => A)",
        "(a: unknown) => a is string",
        "(a: unknown) => asserts a is string | number",
        "() => asserts this",
        "() => this is A",
        "A extends B ? C : D",
        "A extends B ? C extends D ? E : F : G extends H ? I : J",
        "(A extends B ? C : D) extends E ? F : G",
        "A extends (B extends C ? D : E) ? F : G",
        "(() => A) extends (() => B) ? C : D",
        "A extends Promise<infer U> ? U : never",
        "A extends [infer U extends string, ...infer V] ? [U, V] : never",
        "A extends (infer U extends string) ? U : never",
        "{ [K in keyof T]: T[K] }",
        "{ readonly [K in A as `get${K}`]?: B }",
        "{ -readonly [K in A]-?: B }",
        "{ +readonly [K in A]+?: B }",
        "{ [K in A] }",
        "{}",
        "intrinsic",
    ]);
}

#[test]
fn parentheses_that_change_nothing_are_not_kept() {
    type_becomes("((A))", "A");
    type_becomes("(A & B) | (C[])", "A & B | C[]");
    type_becomes("| A", "A");
    type_becomes("| A | & B & C", "A | B & C");
    type_becomes("(A extends B ? C : D)", "A extends B ? C : D");
    type_becomes("A extends B ? (C) : ((D))", "A extends B ? C : D");
    type_becomes("((a: A) => (B))", "(a: A) => B");
}

#[test]
fn infer_with_extends_and_a_condition() {
    // In the `extends` of a condition it is a constraint.
    type_becomes(
        "A extends infer U extends string ? U : never",
        "A extends (infer U extends string) ? U : never",
    );
    // Elsewhere a question mark makes it a condition itself.
    let ty = fields("type A = B extends [infer U extends string ? 1 : 2] ? 3 : 4").take();
    let element = &ty["type"]["extends"]["elements"][0]["type"];
    assert_eq!(element["kind"], "Conditional");
    assert_eq!(element["check"]["kind"], "Infer");
    assert_eq!(element["check"]["constraint"], Value::Null);
    // All that was begun before is checked with it.
    let ty = fields("type A = B extends [X | keyof infer U extends string ? 1 : 2] ? 3 : 4");
    assert_eq!(
        ty["type"]["extends"]["elements"][0]["type"]["check"]["kind"],
        "Union"
    );
    // Two, one in the other.
    printed("type A = B extends [infer U extends infer V extends string ? 1 : 2] ? 3 : 4");
}

#[test]
fn members_of_each_kind() {
    let source = "interface A<T> extends B<T>, C.D {
  a;
  readonly b: string;
  c?: number;
  readonly: boolean;
  get: A;
  get x(): number;
  set x(value: number);
  \"quoted name\"?: string;
  12: A;
  [Symbol.iterator](): Iterator<T>;
  [\"computed\"]: A;
  [key: string]: unknown;
  readonly [index: number]: T;
  (a: A): B;
  <U>(a: U): U;
  new <U>(a: U): A<U>;
  new?: string;
  method<U extends T>(a: U, b?: string): void;
  optional?(): void;
  nested: {
    a: {
      b: {};
    };
  };
}
";
    assert_eq!(printed(source), source);
    // Members end with a comma, a semicolon or a line.
    let one = printed("type A = { a: string, b: number; c\n d(): void\n readonly\n e: 1 }");
    assert!(one.contains("  readonly;\n  e: 1;"), "{one}");
}

#[test]
fn declarations_of_each_kind() {
    let source = "import { a , b as c } from \"./d\";
export type A<T = string> = T;
export default interface B {}
declare abstract class C<T> extends D<T> implements E, F {
  constructor(a: A);
  private static readonly b?: string;
  protected abstract c(): void;
  declare d: A;
  #e;
  override accessor f: string;
}
declare function f<T>(a: T): asserts a is string;
declare function g();
declare const a: string;
declare let b;
export const c = -1;
declare enum G {
  A,
  B = 1,
  \"C d\" = \"text\",
}
declare const enum H {}
declare namespace I.J {
  namespace K {
    type L = string;
  }
}
declare module \"m\" {
  export = I;
}
declare module \"n\";
declare global {
  var x: string;
}
export { a , b };
export * from \"./e\";
export default a;
export as namespace N;
";
    assert_eq!(printed(source), source);
    let both = printed("declare let a: A, b: B = 1;");
    assert_eq!(both, "declare let a: A;\ndeclare let b: B = 1;\n");
}

#[test]
fn words_are_names_where_they_can_be() {
    printed("type type = string; type declare = type; interface async {}; type is = keyof of");
    printed("declare const type: string.number; declare function get(set: of, infer: as): module");
    printed("declare var namespace: string\ndeclare var module\ntype asserts = () => asserts\n");
    printed("type A = { type: 1, is: 2, new: 3, in: 4, class: 5, static(): 6, readonly?: 7 }");
}

#[test]
fn comments_and_spaces_are_between_tokens() {
    let source =
        "\u{FEFF}// one\r\n/* two\n */ type /* three */ A\u{A0}= // four\n B /**/ . /**/ C // end";
    assert_eq!(printed(source), "type A = B.C;\n");
    assert_eq!(printed(""), "");
    assert_eq!(printed(";;"), "");
    assert_eq!(printed("type Größe = ñandú"), "type Größe = ñandú;\n");
}

#[test]
fn lines_end_statements_and_members() {
    let source = "type A = B\n[\"a\"]: C";
    assert_eq!(error_of(source), "2:1: expected a declaration, found `[`");
    // What could go on here is another member.
    assert_eq!(
        printed("interface A { a: B\n [key: string]: C\n b: D\n extends: E }")
            .lines()
            .count(),
        6
    );
}

#[test]
fn errors_say_where() {
    let cases = [
        ("type A = ", "1:10: expected a type, found the end"),
        (
            "type A = {\n  a: string;\n  b: ;\n}",
            "3:6: expected a type, found `;`",
        ),
        ("type A = B | ;", "1:14: expected a type, found `;`"),
        ("type A B", "1:8: expected `=`, found `B`"),
        ("type A = (B", "1:12: expected `)`, found the end"),
        ("type A = [B; C]", "1:12: expected `,` or `]`, found `;`"),
        ("type A = B<C;", "1:13: expected `,` or `>`, found `;`"),
        (
            "interface A { a: string b: string }",
            "1:25: expected `;` or the end of the line, found `b`",
        ),
        (
            "interface A { a: string",
            "1:24: expected `;` or the end of the line, found the end",
        ),
        (
            "declare function f(a: string",
            "1:29: expected `,` or `)`, found the end",
        ),
        (
            "declare function f({ a }: B): void",
            "1:20: expected the name of a parameter, found `{`",
        ),
        ("type A = B extends C", "1:21: expected `?`, found the end"),
        (
            "type A = B extends C ? D",
            "1:25: expected `:`, found the end",
        ),
        (
            "type A = B | () => C",
            "1:14: the type of a function stands in parentheses here",
        ),
        (
            "type A = 'text\n'",
            "1:10: this text has no end on its line",
        ),
        ("type A = \"text", "1:10: this text has no end"),
        ("type A = `text${B", "1:18: expected `}`, found the end"),
        ("type A = `text${B} and", "1:19: this template has no end"),
        ("type A = B; /* and so on", "1:13: this comment has no end"),
        (
            "type A = 12ab",
            "1:10: this number ends in a letter or in a digit too large",
        ),
        ("type A = 0x", "1:10: this number has no digits"),
        ("type A = 1e+", "1:10: this number's exponent has no digits"),
        (
            "// ñ\ntype ñ = § ;",
            "2:10: the character '§' has no meaning here",
        ),
        (
            "/* ñ */ type A = @",
            "1:18: the character '@' has no meaning here",
        ),
        (
            "namespace A { type B = C;",
            "1:26: expected a declaration, found the end",
        ),
        (
            "type A = string }",
            "1:17: expected a declaration, found `}`",
        ),
        (
            "enum A { B = C }",
            "1:14: expected a text or a number, found `C`",
        ),
        ("export {", "1:9: expected `}`, found the end"),
        (
            "type class = A",
            "1:1: expected a declaration, found `type`",
        ),
        ("hello", "1:1: expected a declaration, found `hello`"),
    ];
    for (source, expected) in cases {
        assert_eq!(error_of(source), expected, "{source:?}");
    }
    let error = Error::at("a\nbc", 4, "message");
    assert_eq!((error.line, error.column), (2, 3));
}

/// However a source is cut off or damaged, the answer is a tree or an error.
#[test]
fn every_prefix_is_read_or_refused() {
    let source =
        generate::generate(30, 7) + "type A = `a${{ b: `${c}'` }}` | { [k: string]: 'd' };";
    for end in (0..source.len()).filter(|end| source.is_char_boundary(*end)) {
        let on_heap =
            heap::parse(&source[..end]).map(|parsed| Census::of(Node::File(parsed.file())));
        let in_arena = arena::parse(&source[..end])
            .map(|parsed| parsed.with(|file| Census::of(Node::File(file))));
        assert_eq!(on_heap, in_arena);
    }
}

#[test]
fn a_source_may_go_and_its_tree_be_sent_away() {
    fn can_be_sent_and_shared<T: Send + Sync>(_: &T) {}

    let source = String::from("type A = { name: B; other: B };");
    let parsed = arena::parse(&source).unwrap();
    drop(source);
    can_be_sent_and_shared(&parsed);
    let thread = thread::spawn(move || parsed.with(|file| json::to_string(Node::File(file))));
    let expected = heap::parse("type A = { name: B; other: B };").unwrap();
    assert_eq!(
        thread.join().unwrap(),
        json::to_string(Node::File(expected.file()))
    );
}

#[test]
fn each_name_is_there_once() {
    let parsed = arena::parse("type A = B; type C = B;").unwrap();
    parsed.with(|file| {
        let names: Vec<&str> = (file.statements.iter())
            .map(|statement| match &statement.declaration {
                tree::Declaration::Alias {
                    ty: tree::Type::Reference { name, .. },
                    ..
                } => *name,
                _ => panic!("all of them are aliases of a reference"),
            })
            .collect();
        assert!(std::ptr::eq(names[0], names[1]));
    });
}

#[test]
fn memory_is_used_again() {
    let source = generate::generate(200, 3);
    let mut arena = arenula::Arena::new();
    let mut held = Vec::new();
    for _ in 0..4 {
        let mut parsed = arena::parse_in(arena, &source)
            .map_err(|(error, _)| error)
            .unwrap();
        held.push(parsed.stats().capacity);
        arena = parsed.into_arena();
    }
    assert_eq!(held[2], held[3]);
    // An error gives it back too.
    let (_, arena) = arena::parse_in(arena, "type").err().unwrap();
    assert!(arena.capacity() > 0);
}

#[test]
fn visitors_enter_and_leave_in_order_and_may_skip() {
    #[derive(Default)]
    struct Trace(String);

    impl<T: tree::Tree> Visitor<T> for Trace {
        fn enter(&mut self, node: Node<'_, T>) -> bool {
            self.0 += &format!("{} ", node.kind());
            !matches!(node, Node::Type(tree::Type::Array(_)))
        }

        fn leave(&mut self, node: Node<'_, T>) {
            self.0 += &format!("/{} ", node.kind());
        }
    }

    let parsed = heap::parse("type A = [B[], c?: D]").unwrap();
    let mut trace = Trace::default();
    walk(Node::File(parsed.file()), &mut trace);
    assert_eq!(
        trace.0,
        "File Alias Tuple Element Array /Element Element Reference /Reference /Element /Tuple /Alias /File "
    );
}

#[test]
fn json_is_that_of_serde() {
    let source = generate::generate(100, 5) + "export type A<in out T> = (a?: T) => a is `x${T}`;";
    let parsed = heap::parse(&source).unwrap();
    let root = Node::File(parsed.file());
    assert_eq!(json::to_string(root), serde_json::to_string(&root).unwrap());
    let mut pretty = Vec::new();
    json::write(root, &mut pretty, serde_json::ser::PrettyFormatter::new()).unwrap();
    let expected = serde_json::to_string_pretty(&root).unwrap();
    assert_eq!(String::from_utf8(pretty).unwrap(), expected);
    assert_eq!(
        fields("type A = \"b\\n\"[]"),
        serde_json::json!({
            "kind": "Alias",
            "name": "A",
            "typeParameters": [],
            "type": {
                "kind": "Array",
                "element": { "kind": "Literal", "literal": "text", "text": "\"b\\n\"" },
            },
        })
    );
}

/// All that is done with a tree, in a thread with the stack that threads of tests have.
fn everything_works(source: String) {
    let thread = thread::Builder::new().stack_size(2 << 20).spawn(move || {
        printed(&source);
    });
    thread.unwrap().join().unwrap();
}

#[test]
fn a_thousand_members() {
    let names: Vec<String> = (0..1000)
        .map(|number| format!("\"member-{number}\""))
        .collect();
    everything_works(format!("type A = {};", names.join(" | ")));
    everything_works(format!("type A = {};", names.join(" & ")));
    everything_works(format!("type A = [{}];", names.join(", ")));
    everything_works(format!("type A = {{ {}: A }};", names.join("; ")));
}

const DEEP: usize = 10_000;

/// Nested ten thousand deep, each way in which types can be nested.
#[test]
fn ten_thousand_deep() {
    let ways = [
        ("(A | ", ")"),
        ("(", ")[]"),
        ("[", "]"),
        ("[a?: ", "]"),
        ("[...", "]"),
        ("{ a: ", " }"),
        ("{ a(b: ", "): C }"),
        ("{ [a: string]: ", " }"),
        ("{ [a in B]: ", " }"),
        ("{ [a in ", "]: C }"),
        ("{ [a in B as ", "]: C }"),
        ("A<", ">"),
        ("import('a').A<", ">"),
        ("typeof a<", ">"),
        ("A[", "]"),
        ("`a${", "}b`"),
        ("keyof ", ""),
        ("() => ", ""),
        ("(a: ", ") => B"),
        ("<A extends ", ">() => B"),
        ("<A = ", ">() => B"),
        ("new () => ", ""),
        ("(a: A) => a is ", ""),
        ("A extends B ? C : ", ""),
        ("A extends B ? ", " : C"),
        ("(", " extends B ? C : D)"),
        ("A extends (", ") ? C : D"),
        ("A extends [infer B extends ", "] ? C : D"),
    ];
    for (open, close) in ways {
        everything_works(format!(
            "type A = {}B{};",
            open.repeat(DEEP),
            close.repeat(DEEP)
        ));
    }
    // These need no brackets.
    everything_works(format!("type A = B{};", "[]".repeat(DEEP)));
    everything_works(format!("type A = B{};", "[C]".repeat(DEEP)));
    everything_works(format!(
        "type A = {};",
        "infer A extends ".repeat(DEEP) + "B"
    ));
    let (open, close) = ("namespace A { ".repeat(DEEP), "}".repeat(DEEP));
    everything_works(format!("{open} type A = B; {close}"));
}

/// What was read before an error is as deep as the rest.
#[test]
fn ten_thousand_deep_and_then_an_error() {
    for (open, close) in [("[", "]"), ("keyof ", ""), ("(", ")[]"), ("{ a: ", " }")] {
        let (open, close) = (open.repeat(DEEP), close.repeat(DEEP));
        let sources = [
            format!("type A = {open}"),
            format!("type A = {open}B{close} )"),
            format!("type A = B extends {open}C{close} ? D"),
        ];
        for source in sources {
            error_of(&source);
        }
    }
}

proptest! {
    #![proptest_config(properties())]

    /// What is printed is read as the same tree, in both.
    #[test]
    fn generated_sources_come_round(declarations in 0_usize..40, seed: u64) {
        printed(&generate::generate(declarations, seed));
    }

    /// One token too many, too few or in another place: a tree or an error, the same in both.
    #[test]
    fn damaged_sources_are_read_or_refused(
        seed: u64,
        damages in prop::collection::vec((any::<prop::sample::Index>(), "[(){}<>|&?:;=`'$A \\[\\]]|extends|infer"), 1..4),
    ) {
        let mut source = generate::generate(8, seed);
        for (place, text) in damages {
            let mut place = place.index(source.len());
            while !source.is_char_boundary(place) {
                place -= 1;
            }
            source.insert_str(place, &text);
        }
        match heap::parse(&source) {
            Ok(_) => _ = printed(&source),
            Err(error) => prop_assert_eq!(error, arena::parse(&source).err().expect("here too")),
        }
    }
}

#[test]
fn samples_are_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/typescript_types/samples");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        printed(&fs::read_to_string(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count >= 3);
}
