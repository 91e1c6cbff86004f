data d from "d.csv" { x: f32[4] = columns 0..3 }

train {
  model     = linear(d.x, 2)
  loss      = mean(model)
  optimizer = sgd(lr = 0.1)
  batch     = 8
  steps     = 10
}

predict {
  model = d.x
  batch = 8
}
