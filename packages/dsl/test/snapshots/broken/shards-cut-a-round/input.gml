data d from "d.csv" {
  x: f32[3] = columns 0..2
  y: f32[2] = columns 3..4
}

train {
  model     = linear(d.x, 2)
  loss      = mse(model, d.y)
  optimizer = sgd(0.1)
  batch     = 4
  steps     = 60
}

shards 4 sync every 25
