// The next letter of a first name, from the eight before it.
param context = 8
param size = 16

data names from "names.txt" {
  before: class[28][8] = chars -8..-1 of line
  next:   class[28]    = chars 0 of line
}

model letters(x: i32[n, context]) -> f32[n, 28] {
  let h = reshape(embedding(x, 28, size), context * size)
  let h = tanh(linear(h, 128))
  linear(h, 28)
}

train {
  model     = letters(names.before)
  loss      = cross_entropy(model, names.next)
  metrics   = [accuracy(model, names.next)]
  optimizer = adam(lr = cosine(1e-2, warmup = 20))
  batch     = 128
  steps     = 400
}
