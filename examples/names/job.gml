// First names, letter by letter: what comes after the last eight characters. 0 stands for the end of a name.
param context = 8
param features = 16
param hidden = 128

data names from "names.txt" {
  before: class[27][context] = chars -context..-1 of line
  next:   class[27]          = chars 0 of line
}

model letters(x: i32[n, context]) -> f32[n, 27] {
  let h = reshape(embedding(x, 27, features), context * features)
  let h = tanh(linear(h, hidden))
  let h = tanh(linear(h, hidden))
  linear(h, 27)
}

train {
  model     = letters(names.before)
  loss      = cross_entropy(model, names.next)
  metrics   = accuracy(model, names.next)
  optimizer = adam(lr = cosine(3e-3, warmup = 50))
  clip      = 1
  batch     = 128
  steps     = 1000
  seed      = 1
  holdout   = 10%
}

verify { checkpoint every 50 steps; sample 10% }
