// One file of tests, so that the app is synthesised once for all journeys, and one waits while another works.
import '../fuzz/api.ts';
import './api.ts';
import './cancellation.ts';
import './failures.ts';
import './history.ts';
import './interruptions.ts';
import './logs.ts';
import './uploads.ts';
// The last: it goes alone, and would have those after it wait.
import './flood.ts';
