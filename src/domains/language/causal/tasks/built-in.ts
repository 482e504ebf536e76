/**
 * @file The tasks that have names. `ioi` is that of Wang et al. 2022 (arXiv:2211.00593) in the
 *   words of children's stories, so that small models do it as well as GPT-2. The others are
 *   easier.
 */

const GIRLS = ["Sue", "Anna", "Lucy", "Amy", "Mary", "Jane", "Emma", "Kate", "Anne", "Jill"];
const BOYS = ["Tom", "Ben", "Tim", "Max", "Sam", "Jack", "John", "Bob", "Billy", "Joe"];
/** More names, of any number of tokens, where no answer is a name. */
const MORE_GIRLS = [
  "Lily",
  "Mia",
  "Sara",
  "Jenny",
  "Ella",
  "Molly",
  "Daisy",
  "Lisa",
  "Rose",
  "Nina",
];
const MORE_BOYS = [
  "Timmy",
  "Jimmy",
  "Tommy",
  "Peter",
  "Mark",
  "Bobby",
  "Henry",
  "Fred",
  "Dan",
  "Leo",
];
const PLACES = ["park", "store", "school", "garden", "beach", "zoo"];
const OBJECTS = ["ball", "book", "cake", "toy", "flower", "drink"];

/** In the order of `--help`. */
export const TASKS = [
  {
    name: "ioi",
    summary: "whom a thing is given to: the name that is not the giver's",
    // Of both orders of the names as many, so that position does not tell.
    templates: [
      "{io} and {giver} went to the {place}. {giver} gave a {object} to",
      "{giver} and {io} went to the {place}. {giver} gave a {object} to",
      "One day, {io} and {giver} were at the {place}. {giver} had a {object}. {giver} gave it to",
      "One day, {giver} and {io} were at the {place}. {giver} had a {object}. {giver} gave it to",
    ],
    slots: {
      io: [...GIRLS, ...BOYS],
      giver: [...GIRLS, ...BOYS],
      place: PLACES,
      object: OBJECTS,
    },
    change: "io",
  },
  {
    name: "pronoun",
    summary: "he or she, by the name of the child",
    templates: [
      "{child} went to the {place} with a {object}. It was a sunny day, and",
      "{child} wanted a {object}. At the {place}, Mom said yes, so",
      "{child} lost a {object} at the {place}. That night,",
    ],
    slots: {
      child: { she: [...GIRLS, ...MORE_GIRLS], he: [...BOYS, ...MORE_BOYS] },
      place: PLACES,
      object: OBJECTS,
    },
    change: "child",
  },
  {
    name: "name",
    summary: "the name of the child, which comes back in the next sentence",
    templates: [
      "Once upon a time, there was a child named {child}. The {place} was close. One day,",
      "There was a child called {child} who loved the {place}. Every day,",
    ],
    slots: { child: [...GIRLS, ...BOYS], place: PLACES },
    change: "child",
  },
] as const;
