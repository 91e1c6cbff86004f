fn f0(x) { relu(x) }
fn f1(x) { f0(f0(x)) }
fn f2(x) { f1(f1(x)) }
fn f3(x) { f2(f2(x)) }
fn f4(x) { f3(f3(x)) }
fn f5(x) { f4(f4(x)) }
fn f6(x) { f5(f5(x)) }
fn f7(x) { f6(f6(x)) }
fn f8(x) { f7(f7(x)) }
fn f9(x) { f8(f8(x)) }
fn f10(x) { f9(f9(x)) }
fn f11(x) { f10(f10(x)) }
fn f12(x) { f11(f11(x)) }
fn f13(x) { f12(f12(x)) }
fn f14(x) { f13(f13(x)) }
fn f15(x) { f14(f14(x)) }
fn f16(x) { f15(f15(x)) }
fn f17(x) { f16(f16(x)) }
fn f18(x) { f17(f17(x)) }
fn f19(x) { f18(f18(x)) }
fn f20(x) { f19(f19(x)) }
fn f21(x) { f20(f20(x)) }
fn f22(x) { f21(f21(x)) }
fn f23(x) { f22(f22(x)) }
fn f24(x) { f23(f23(x)) }

data digits from "digits.csv" {
  pixels: f32[64]   = columns 0..63 / 16
  label:  class[10] = column 64
}

model classifier(x: f32[n, 64]) -> f32[n, 10] {
  let h = f24(x)
  linear(h, 10)
}

train {
  model     = classifier(digits.pixels)
  loss      = cross_entropy(model, digits.label)
  optimizer = sgd(lr = 0.1)
  batch     = 64
  steps     = 100
}
