// Continuous text in windows that overlap by half.
data book from "book.txt" {
  stride = 16
  here: class[256][32] = bytes 0..31 of text
  next: class[256][32] = bytes 1..32 of text
}

model reader(x: i32[n, t]) -> f32[n, t, 256] {
  let h = embedding(x, 256, 64)
  let h = h + silu(linear(layer_norm(h), 64))
  linear(h, 256)
}

train {
  model     = reader(book.here)
  loss      = cross_entropy(model, book.next)
  metrics   = accuracy(model, book.next)
  optimizer = adamw(lr = step(1e-3, every = 100))
  batch     = 16
  steps     = 300
}
