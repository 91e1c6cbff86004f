import "b.gml"
let a = 1
