// What it refers to would be said to live for ever.
use arenula::rc::Rc;

fn stretch<'a>(shared: Rc<&'a u8>) -> Rc<&'static u8> {
    shared
}

fn main() {
    let number = 1;
    println!("{}", stretch(Rc::new(&number)));
}
