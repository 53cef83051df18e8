/*
 * The arithmetic over blocks of rows for one width of vectors; included by gram.c once a width with
 *     KERNEL(name)   the name to define for this width
 *     VECTOR_BYTES   bytes of a vector (16 or 32)
 * Rows hold `size` doubles, a multiple of GRAM_PAD.
 */
typedef double KERNEL(vector) __attribute__((vector_size(VECTOR_BYTES)));
enum { KERNEL(LANES) = VECTOR_BYTES / 8 };

/* A tile of 4 rows x 2 vectors of h stays in registers while the rows of the block go by. */
__attribute__((always_inline)) static inline void KERNEL(gram)(double *h, const double *x, const double *wx,
                                                               size_t count, size_t size)
{
	enum { LANES = KERNEL(LANES) };
	for (size_t a = 0; a < size; a += 4)
		for (size_t b = 0; b < a + 4; b += 2 * LANES) {
			KERNEL(vector)
			s00 = {0}, s01 = {0}, s10 = {0}, s11 = {0}, s20 = {0}, s21 = {0}, s30 = {0}, s31 = {0};
			const double *left = wx + a, *right = x + b;
			for (size_t i = 0; i < count; i++, left += size, right += size) {
				KERNEL(vector) v0, v1;
				memcpy(&v0, right, sizeof v0);
				memcpy(&v1, right + LANES, sizeof v1);
				s00 += left[0] * v0;
				s01 += left[0] * v1;
				s10 += left[1] * v0;
				s11 += left[1] * v1;
				s20 += left[2] * v0;
				s21 += left[2] * v1;
				s30 += left[3] * v0;
				s31 += left[3] * v1;
			}
			const KERNEL(vector) sums[4][2] = {{s00, s01}, {s10, s11}, {s20, s21}, {s30, s31}};
			for (size_t r = 0; r < 4; r++)
				for (size_t half = 0; half < 2; half++) {
					double *to = h + (a + r) * size + b + half * LANES;
					KERNEL(vector) v;
					memcpy(&v, to, sizeof v);
					v += sums[r][half];
					memcpy(to, &v, sizeof v);
				}
		}
}

/* out[i] = row i times b. Eight sums a row, joined in fixed order: the same for every width. */
__attribute__((always_inline)) static inline void KERNEL(dots)(double *out, const double *x, const double *b,
                                                               size_t count, size_t size)
{
	enum { LANES = KERNEL(LANES), PARTS = 8 / LANES };
	for (size_t i = 0; i < count; i++, x += size) {
		KERNEL(vector) sum[PARTS] = {{0}};
		for (size_t j = 0; j < size; j += 8)
			for (size_t p = 0; p < (size_t)PARTS; p++) {
				KERNEL(vector) v, w;
				memcpy(&v, x + j + p * LANES, sizeof v);
				memcpy(&w, b + j + p * LANES, sizeof w);
				sum[p] += v * w;
			}
		double lane[8];
		for (size_t p = 0; p < (size_t)PARTS; p++)
			memcpy(lane + p * LANES, &sum[p], sizeof sum[p]);
		out[i] = ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
	}
}

/* gradient += pull[i] * row i; wx row i = curve[i] * row i. */
__attribute__((always_inline)) static inline void KERNEL(weigh)(double *gradient, double *wx, const double *x,
                                                                const double *pull, const double *curve,
                                                                size_t count, size_t size)
{
	for (size_t i = 0; i < count; i++, x += size, wx += size)
		for (size_t j = 0; j < size; j += KERNEL(LANES)) {
			KERNEL(vector) v, g;
			memcpy(&v, x + j, sizeof v);
			memcpy(&g, gradient + j, sizeof g);
			g += pull[i] * v;
			v *= curve[i];
			memcpy(gradient + j, &g, sizeof g);
			memcpy(wx + j, &v, sizeof v);
		}
}
