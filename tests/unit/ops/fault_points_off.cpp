// A crossing as a product compiles it: nothing may be left of it (CMakeLists.txt looks into the object).
#include "gateway/ops/fault_points.h"

int between_two_steps(int step);
int between_two_steps(int step) {
  puente::ops::cross(puente::ops::FaultPoint::accept_committed, "subject");
  return step + 1;
}
