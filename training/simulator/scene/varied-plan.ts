import type { Random } from '../random.js';
import type { Variety } from '../variety.js';
import type { SidePlan, StreetPlan } from './street-plan.js';

/** Changes the sides of a drawn street and the number of people in it as `variety` says. */
export function variedPlan(random: Random, plan: StreetPlan, variety: Variety): StreetPlan {
  const people = random.chance(variety.emptyPavementChance) ? 0 : random.uniform(...variety.people);
  return {
    ...plan,
    left: variedSide(random.fork(), plan, plan.left, variety),
    right: variedSide(random.fork(), plan, plan.right, variety),
    pedestrians: plan.pedestrians * people,
  };
}

function variedSide(
  random: Random,
  plan: StreetPlan,
  side: SidePlan,
  { openVergeChance, lawnChance }: Variety,
): SidePlan {
  const rural = plan.layout === 'country' || plan.layout === 'highway';
  const kind = random.uniform();
  if (rural) return { ...side, verge: kind < 0.5 ? side.verge : random.uniform(2, 12) };
  if (kind < openVergeChance) {
    return {
      ...side,
      parking: 'none',
      kerbHeight: random.chance(0.5) ? 0 : random.uniform(0.05, 0.15),
      verge: random.logUniform(1, 15),
      pavement: 0,
      setback: random.uniform(2, 12),
    };
  }
  if (kind < openVergeChance + lawnChance) return { ...side, verge: random.uniform(2.5, 10) };
  return side;
}
