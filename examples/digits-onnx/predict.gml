// What a network from an ONNX file says of every digit.
data digits from "../digits/digits.csv.gz" {
  pixels: f32[64]   = columns 0..63 / 16
  label:  class[10] = column 64
}

model net = onnx("digits.onnx")

predict {
  model   = net(digits.pixels)
  metrics = accuracy(model, digits.label)
  batch   = 64
}

verify { checkpoint every 10 steps; sample 10% }
