/** Global variable that holds the timer in instrumented code. */
export const timerName = '$PS';
