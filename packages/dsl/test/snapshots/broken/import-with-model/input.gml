import "a.gml"

data digits from "digits.csv" {
  pixels: f32[64]   = columns 0..63 / 16
  label:  class[10] = column 64
}

train {
  model     = classifier(digits.pixels)
  loss      = cross_entropy(model, digits.label)
  optimizer = sgd(lr = 0.1)
  batch     = 64
  steps     = 100
}
