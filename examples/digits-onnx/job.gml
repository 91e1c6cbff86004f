// A network from an ONNX file, trained further on the digits that it was made for.
data digits from "../digits/digits.csv.gz" {
  pixels: f32[64]   = columns 0..63 / 16
  label:  class[10] = column 64
}

model net = onnx("digits.onnx")

train {
  model     = net(digits.pixels)
  loss      = cross_entropy(model, digits.label)
  metrics   = accuracy(model, digits.label)
  optimizer = adamw(lr = cosine(1e-2, warmup = 20), weight_decay = 0.01)
  batch     = 64
  steps     = 200
  seed      = 1
  holdout   = 20%
}

verify { checkpoint every 50 steps; sample 10% }
