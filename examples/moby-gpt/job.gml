// A small GPT that reads Moby Dick letter by letter and learns which comes next.
param context = 128
param size = 128
param layers = 4
param heads = 4
param rows = 16
param length = 3000
param interval = 100

let last = context - 1

data book from "moby-dick.txt.gz" {
  stride = context
  here: class[75][context] = chars 0..last of text
  next: class[75][context] = chars 1..context of text
}

model gpt(x: i32[n, t]) -> f32[n, t, 75] {
  let letters = table(75, size)
  let h = positions(lookup(x, letters))
  repeat layers { h = gpt_block(h, heads) }
  project(layer_norm(h), letters)
}

train {
  model     = gpt(book.here)
  loss      = cross_entropy(model, book.next)
  metrics   = accuracy(model, book.next)
  optimizer = adamw(lr = cosine(1e-3, warmup = 100, floor = 1e-4), beta2 = 0.99)
  clip      = 1
  batch     = rows
  steps     = length
  seed      = 1
  holdout   = 5%
}

verify { checkpoint every interval steps; sample 10% }
