// What editors write: a name for each key of a keyboard, a colour for each name.
export type Key =
    | "Escape" | "F1" | "F2" | "F3" | "F4" | "F5" | "F6" | "F7" | "F8" | "F9" | "F10" | "F11" | "F12"
    | "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9"
    | "a" | "b" | "c" | "d" | "e" | "f" | "g" | "h" | "i" | "j" | "k" | "l" | "m"
    | "n" | "o" | "p" | "q" | "r" | "s" | "t" | "u" | "v" | "w" | "x" | "y" | "z"
    | "Tab" | "CapsLock" | "Shift" | "Control" | "Alt" | "Meta" | "Space" | "Enter" | "Backspace"
    | "Insert" | "Delete" | "Home" | "End" | "PageUp" | "PageDown" | "ArrowUp" | "ArrowDown" | "ArrowLeft"
    | "ArrowRight";

export type Chord = Key | `${"Control" | "Alt" | "Shift" | "Meta"}+${Key}`;

export interface Theme {
    name: string
    colors: {
        [part in "text" | "background" | "border" | "selection"]: `#${string}` | `rgb(${number}, ${number}, ${number})`
    }
    fonts?: readonly { family: string, size: number | `${number}px`, weight?: 100 | 400 | 700 }[]
}

export type Commands = Map<Chord, (this: Editor, event: KeyboardEvent) => boolean | Promise<boolean>>;

export declare const defaults: Readonly<Record<Chord, keyof Editor>>;

export interface Editor {
    on(event: "key", listener: (chord: Chord) => void): void;
    on(event: "theme", listener: (theme: Theme) => void): void;
    run<C extends keyof Editor>(command: C): Editor[C] extends (...args: infer A) => infer R ? (...args: A) => R : never;
}
