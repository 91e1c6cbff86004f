data d from "d.csv" { x: f32[4] = columns 0..3 }

predict {
  model = linear(d.x, 2)
  batch = 8
}
